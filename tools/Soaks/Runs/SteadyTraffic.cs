using System.Net;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>Streams of all kinds through the untouched rules: fast, paced, slow, idle ones, and short ones one after another.</summary>
internal sealed class SteadyTraffic(IReadOnlyList<SoakRule> rules, StreamBook book, SoakOptions options, CancellationToken finish) : IDisposable
{
    private static readonly TimeSpan s_finishing = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_betweenShort = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _cut = new();

    /// <summary>Until told to finish.</summary>
    public async Task RunAsync(CancellationToken cut)
    {
        await using var registration = cut.Register(_cut.Cancel);
        var work = new List<Task>();
        // Half of the bound to two fast streams, the other half to the rest.
        var fast = options.BytesPerSecond / 8;
        var paced = options.BytesPerSecond > 0 ? options.BytesPerSecond / 2 / (rules.Count * 8) : 1_000_000;
        for (var i = 0; i < 2; i++)
        {
            work.Add(StreamAsync(rules[0], 0, new StreamShape { Kind = "fast", BytesPerSecond = fast }));
        }

        foreach (var rule in rules)
        {
            var share = rule.Name == SteadyRules.Capped ? Math.Min(paced, SteadyRules.CappedRate / 8) : paced;
            for (var i = 0; i < 4; i++)
            {
                work.Add(StreamAsync(rule, i, new StreamShape { Kind = "paced", BytesPerSecond = share }));
            }

            for (var i = 0; i < 3; i++)
            {
                work.Add(StreamAsync(rule, i, new StreamShape { Kind = "slow", BytesPerSecond = 2000 }));
            }

            for (var i = 0; i < 2; i++)
            {
                work.Add(StreamAsync(rule, i, new StreamShape { Kind = "idle", IdleBytes = 1000 }));
            }

            work.Add(ShortAsync(rule));
        }

        await Task.WhenAll(work);
    }

    /// <summary>Waits for all streams to finish, which they have been told to.</summary>
    public async Task EndAsync(Task running, Findings findings, CancellationToken cut)
    {
        try
        {
            await running.WaitAsync(s_finishing, cut);
        }
        catch (TimeoutException)
        {
            findings.Add($"streams that were told to finish did not within {s_finishing.TotalSeconds} s");
            await _cut.CancelAsync();
            await running;
        }
    }

    public void Dispose() => _cut.Dispose();

    private async Task ShortAsync(SoakRule rule)
    {
        for (var number = 0; !finish.IsCancellationRequested; number++)
        {
            await StreamAsync(rule, number, new StreamShape
            {
                Kind = "short",
                BytesIn = 1 + (number * 7919L % 50_000),
                BytesOut = number % 5 == 0 ? 0 : 1 + (number * 104_729L % 80_000),
                IsAnsweredFirst = number % 2 == 0,
            });
            await Task.Delay(s_betweenShort, finish).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task StreamAsync(SoakRule rule, int number, StreamShape shape)
    {
        var port = number % rule.Ports;
        var targets = rule.Targets.Select(target => new IPEndPoint(target.Address, target.Port + port).ToString()).ToArray();
        // A short stream finishes by itself, so that it is whole.
        var stream = book.Open(rule.Name, targets, shape, shape.Kind == "short" ? CancellationToken.None : finish);
        await stream.RunAsync(new IPEndPoint(rule.Address, rule.Port + port), _cut.Token);
        book.Close(stream);
    }
}

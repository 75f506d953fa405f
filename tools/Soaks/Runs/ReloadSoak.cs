using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// Streams through rules that nobody touches, while reload after reload hits the rules beside them. Not a byte of theirs may
/// be lost and none may end; of the others, every new flow has to see the newest file.
/// </summary>
internal sealed class ReloadSoak
{
    public const string Name = "reload";
    private const int FullReloads = 200;

    private readonly SoakOptions _options;
    private readonly Findings _findings = new();
    private readonly StreamBook _book;
    private readonly ChangingRules _changing;
    private readonly IReadOnlyList<SoakRule> _steady;
    private readonly SoakAddresses _addresses = new();
    private readonly Random _random;

    private ReloadSoak(SoakOptions options)
    {
        _options = options;
        _random = new Random((int)options.Seed);
        _book = new StreamBook(options.Seed, _findings);
        _steady = SteadyRules.Make(_addresses);
        _changing = new ChangingRules(_addresses, _random);
    }

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var soak = new ReloadSoak(options);
        return new Verdict(Name, await soak.RunAsync(cut), soak._findings);
    }

    private async Task<string> RunAsync(CancellationToken cut)
    {
        var targets = _steady.SelectMany(rule => rule.TargetPlaces).Concat(_changing.Places).Distinct()
            .Select(place => new StreamTarget(place.ToString(), place, _book)).ToList();
        var reloads = 0;
        var refused = 0;
        var watch = Stopwatch.StartNew();
        try
        {
            await using var edge = await SoakedEdge.StartAsync(_options.Program, SoakRule.File(_steady), BadFile.Events, cut);
            var before = edge.OpenFiles;
            var look = await edge.LookAsync(cut);
            using var finish = new CancellationTokenSource();
            using var traffic = new SteadyTraffic(_steady, _book, _options, finish.Token);
            var running = traffic.RunAsync(cut);
            try
            {
                var wanted = Math.Max(8, (int)(FullReloads * _options.Scale));
                for (var i = 0; i < wanted && !edge.HasEnded; i++)
                {
                    if (await ReloadAsync(edge, i, cut))
                    {
                        reloads++;
                    }
                    else
                    {
                        refused++;
                    }

                    var due = TimeSpan.FromSeconds((double)_options.Seconds * (i + 1) / wanted);
                    if (due > watch.Elapsed)
                    {
                        await Task.Delay(due - watch.Elapsed, cut);
                    }
                }
            }
            finally
            {
                await finish.CancelAsync();
                await traffic.EndAsync(running, _findings, cut);
            }

            await EndAsync(edge, before, look.Loops, cut);
        }
        catch (SoakException error)
        {
            _findings.Add(error.Message);
        }
        finally
        {
            foreach (var target in targets)
            {
                await target.DisposeAsync();
            }
        }

        return $"{watch.Elapsed.TotalSeconds:0} s, {reloads + refused} reloads ({refused} of bad files), {Quantity.Count(_book.Opened)} streams, "
            + $"{Quantity.OfBytes(_book.BytesChecked)} checked, {(_findings.Count == 0 ? "0 bytes lost" : "not all well")}";
    }

    /// <summary>Answers whether the file was a good one.</summary>
    private async Task<bool> ReloadAsync(SoakedEdge edge, int number, CancellationToken cut)
    {
        var isBad = _random.Next(6) == 0;
        var byRename = _random.Next(2) == 0;
        var bySignal = _random.Next(2) == 0;
        if (!isBad)
        {
            _changing.Change();
        }

        var label = $"file-{number}";
        var good = SoakRule.File(Shuffled([.. _steady, .. _changing.Rules]), label);
        var told = isBad ? BadFile.Token(number) : SoakedEdge.InForce(label);
        edge.Log.Await(told);
        await edge.WriteAsync(isBad ? BadFile.Make(good, number, _random) : good, byRename, cut);
        if (bySignal)
        {
            await edge.SignalAsync("HUP");
        }

        await Wait.UntilAsync(
            () => edge.Log.HasCome(told),
            () => $"the edge tells of {(isBad ? "bad " : "")}file {number}; its last lines:\n{edge.Log.Last}",
            cut);
        if (isBad)
        {
            return false;
        }

        var look = await edge.LookAsync(cut);
        foreach (var rule in _changing.Rules.Where(rule => rule.IsEnabled))
        {
            var state = look.Rules.GetValueOrDefault(rule.Name)?.State ?? "nowhere";
            _findings.Expect(state == "listening", $"after reload {number} {rule.Name} is {state}");
        }

        await _changing.ProbeAsync(_book, number, cut);
        return true;
    }

    private IEnumerable<SoakRule> Shuffled(SoakRule[] rules)
    {
        _random.Shuffle(rules);
        return rules;
    }

    private async Task EndAsync(SoakedEdge edge, OpenFiles before, int loops, CancellationToken cut)
    {
        await edge.ReplaceAsync(SoakRule.File(_steady, "end"), "end", cut);
        var last = await edge.UntilAsync(
            look => look.Active == 0 && look.Rules.Count == _steady.Count && look.Rules.Values.All(rule => rule.Ended == rule.Accepted),
            "all flows have ended",
            cut);
        Ledger.Expect(last, _steady, _book, _findings);
        await Descriptors.ExpectBackAsync(edge, before, loops, _findings, cut);
        await edge.StopAsync(_findings);
    }
}

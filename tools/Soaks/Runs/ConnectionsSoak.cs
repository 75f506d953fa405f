using System.Diagnostics;
using System.Net;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// A hundred thousand short connections that end in every way there is. Each is counted once with the right reason, and then
/// descriptors and memory are what they were after the first thousand.
/// </summary>
internal sealed class ConnectionsSoak
{
    public const string Name = "connections";
    private const int FullCount = 100_000;
    private const int FirstCount = 1_000;

    /// <summary>
    /// The first thousand come in parts: the runtime compiles what runs often once more, beside the work and after a pause, and
    /// memory that it takes for that is none that connections take.
    /// </summary>
    private const int FirstParts = 10;
    private const int AtOnce = 64;

    /// <summary>Each pair of addresses has some 28,000 ports, and one that was closed rests a while.</summary>
    private const int AddressCount = 3;
    private static readonly TimeSpan s_betweenParts = TimeSpan.FromMilliseconds(300);

    /// <summary>Every tenth is of the kinds that resets and refusals make.</summary>
    private static readonly Exchange[] s_mix =
    [
        Exchange.Closed, Exchange.HalfClosed, Exchange.ClosedByTarget, Exchange.Closed, Exchange.Reset,
        Exchange.HalfClosed, Exchange.Closed, Exchange.ResetByTarget, Exchange.ClosedByTarget, Exchange.Refused,
    ];

    private readonly SoakOptions _options;
    private readonly Findings _findings = new();
    private readonly SoakAddresses _addresses = new();
    private readonly Dictionary<Exchange, long> _made = Enum.GetValues<Exchange>().ToDictionary(exchange => exchange, _ => 0L);

    private ConnectionsSoak(SoakOptions options) => _options = options;

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var soak = new ConnectionsSoak(options);
        return new Verdict(Name, await soak.RunAsync(cut), soak._findings);
    }

    private async Task<string> RunAsync(CancellationToken cut)
    {
        var rules = Enum.GetValues<Exchange>().SelectMany(exchange => Enumerable.Range(0, AddressCount).Select(i => Rule(exchange, i))).ToArray();
        var targets = new List<ExchangeTarget>();
        try
        {
            foreach (var exchange in Enum.GetValues<Exchange>().Where(exchange => exchange != Exchange.Refused))
            {
                targets.AddRange(Enumerable.Range(0, AddressCount).Select(i => new ExchangeTarget(Rule(exchange, i).Targets[0], exchange)));
            }

            await using var edge = await SoakedEdge.StartAsync(_options.Program, SoakRule.File(rules), new HashSet<string>(), cut);
            var loops = (await edge.LookAsync(cut)).Loops;
            var before = edge.OpenFiles;
            var watch = Stopwatch.StartNew();
            var count = Math.Max(2 * FirstCount, (int)(FullCount * _options.Scale));
            for (var from = 0; from < FirstCount; from += FirstCount / FirstParts)
            {
                await ConnectAsync(from, from + (FirstCount / FirstParts), cut);
                await Task.Delay(s_betweenParts, cut);
            }

            await EndedAsync(edge, cut);
            var first = edge.ResidentBytes;
            await ConnectAsync(FirstCount, count, cut);
            var seconds = watch.Elapsed.TotalSeconds;
            await EndedAsync(edge, cut);
            var last = edge.ResidentBytes;
            var grown = ((double)last / first) - 1;
            _findings.Expect(grown <= Growth.Allowed(_options), $"resident memory was {Quantity.OfBytes(first)} after {FirstCount} connections and is {Quantity.OfBytes(last)} after {count}");
            Check(await edge.LookOnceAsync(cut));
            await Descriptors.ExpectBackAsync(edge, before, loops, _findings, cut);
            var now = edge.OpenFiles;
            await edge.StopAsync(_findings);
            return $"{seconds:0} s, {Quantity.Count(_made.Values.Sum())} connections ({string.Join(", ", _made.Select(made => $"{Quantity.Count(made.Value)} {Words(made.Key)}"))}), "
                + $"descriptors {before.Others} before and {now.Others} after, resident {Quantity.OfBytes(first)} after {Quantity.Count(FirstCount)} and {Quantity.OfBytes(last)} at the end ({Quantity.Percent(grown)})";
        }
        catch (SoakException error)
        {
            _findings.Add(error.Message);
            return "not finished";
        }
        finally
        {
            foreach (var target in targets)
            {
                await target.DisposeAsync();
            }
        }
    }

    private async Task ConnectAsync(int from, int to, CancellationToken cut)
    {
        await Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cut }, async (i, _) =>
        {
            var exchange = s_mix[i % s_mix.Length];
            var problem = await ExchangeSocket.RunAsync(Rule(exchange, i / s_mix.Length % AddressCount).Place, exchange, Pattern.Mix(_options.Seed + (ulong)i), cut);
            if (problem is not null)
            {
                _findings.Add($"connection {i}, {problem}");
            }
        });
        for (var i = from; i < to; i++)
        {
            _made[s_mix[i % s_mix.Length]]++;
        }
    }

    private static Task<EdgeLook> EndedAsync(SoakedEdge edge, CancellationToken cut) => edge.UntilAsync(look => look.Active == 0, "all flows have ended", cut);

    private void Check(EdgeLook look)
    {
        Ledger.ExpectSum(look, _findings);
        foreach (var (exchange, made) in _made)
        {
            var seen = look.Rules.Where(rule => rule.Key.StartsWith($"{exchange}-", StringComparison.Ordinal)).Select(rule => rule.Value).ToArray();
            var (accepted, ended) = (seen.Sum(rule => rule.Accepted), seen.Sum(rule => rule.Ends.GetValueOrDefault(EndOf(exchange))));
            _findings.Expect(
                accepted == made && ended == made,
                $"{exchange}: {made} made, {accepted} taken, {ended} ended as {EndOf(exchange)}; ends: {string.Join("; ", seen.Select(rule => rule.EndsText).Distinct())}");
        }
    }

    private static string EndOf(Exchange exchange) => exchange switch
    {
        Exchange.Reset => "downstream_reset",
        Exchange.ResetByTarget => "upstream_reset",
        Exchange.Refused => "no_target",
        _ => "completed",
    };

    private static string Words(Exchange exchange) => exchange switch
    {
        Exchange.Closed => "closed",
        Exchange.ClosedByTarget => "closed by the target",
        Exchange.HalfClosed => "half-closed",
        Exchange.Reset => "reset",
        Exchange.ResetByTarget => "reset by the target",
        _ => "refused",
    };

    private SoakRule Rule(Exchange exchange, int number) => new()
    {
        Name = $"{exchange}-{number}",
        Address = _addresses[10 + number],
        Port = SoakAddresses.FirstPort + (int)exchange,
        Targets = [new IPEndPoint(_addresses[50 + number], SoakAddresses.FirstPort + (int)exchange)],
    };
}

using System.Diagnostics;
using System.Net;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// Targets that refuse, stall, reset and come back, and peers that go on, break off, stop reading. Flows may end in any way,
/// but never with a wrong byte or at the wrong place, and when it is over nothing is left of them but counters that add up.
/// </summary>
internal sealed class ChaosSoak
{
    public const string Name = "chaos";
    private const int RuleCount = 4;
    private const int TargetsPerRule = 3;
    private const int Workers = 40;
    private const int MostStreamBytes = 400_000;
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(4);

    private static readonly string[] s_balances = ["first", "round_robin", "least_flows", "random"];

    private readonly SoakOptions _options;
    private readonly Findings _findings = new();
    private readonly StreamBook _book;
    private readonly IReadOnlyList<SoakRule> _rules;
    private int _turns;

    private ChaosSoak(SoakOptions options)
    {
        var addresses = new SoakAddresses();
        _options = options;
        _book = new StreamBook(options.Seed, _findings);
        _rules = [.. Enumerable.Range(0, RuleCount).Select(rule => new SoakRule
        {
            Name = $"chaos-{rule}",
            Address = addresses[1],
            Port = SoakAddresses.FirstPort + rule,
            Balance = s_balances[rule % s_balances.Length],
            Targets = [.. Enumerable.Range(0, TargetsPerRule).Select(target => new IPEndPoint(addresses[2 + target], SoakAddresses.FirstPort + rule))],
            Limits = rule == 3 ? new Dictionary<string, long> { ["bytes_per_second_in"] = 3_000_000, ["bytes_per_second_out"] = 3_000_000 } : [],
        })];
    }

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var soak = new ChaosSoak(options);
        return new Verdict(Name, await soak.RunAsync(cut), soak._findings);
    }

    private async Task<string> RunAsync(CancellationToken cut)
    {
        var targets = _rules.SelectMany(rule => rule.Targets).Select(place => new StreamTarget(place.ToString(), place, _book)).ToList();
        var watch = Stopwatch.StartNew();
        var ends = "";
        try
        {
            await using var edge = await SoakedEdge.StartAsync(_options.Program, SoakRule.File(_rules), new HashSet<string>(), cut);
            var loops = (await edge.LookAsync(cut)).Loops;
            var before = edge.OpenFiles;
            using var finish = new CancellationTokenSource();
            var workers = Enumerable.Range(0, Workers).Select(worker => WorkAsync(worker, finish.Token, cut)).ToArray();
            try
            {
                await DisturbAsync(targets, watch, cut);
            }
            finally
            {
                await finish.CancelAsync();
            }

            foreach (var target in targets)
            {
                target.Resume();
                target.Listen();
            }

            await Task.WhenAll(workers).WaitAsync(TimeSpan.FromMinutes(1), cut);
            await Wait.ExpectAsync(_findings, () => targets.All(target => target.Live == 0), () => $"targets are left with {targets.Sum(target => target.Live)} connections", cut);
            var last = await edge.UntilAsync(look => look.Active == 0, "all flows have ended", cut);
            Check(last);
            ends = string.Join(", ", last.Rules.Values.SelectMany(rule => rule.Ends).GroupBy(end => end.Key).OrderBy(end => end.Key).Select(end => $"{end.Key} {end.Sum(rule => rule.Value)}"));
            await AgainAsync(cut);
            await Descriptors.ExpectBackAsync(edge, before, loops, _findings, cut);
            await edge.StopAsync(_findings);
        }
        catch (Exception error) when (error is SoakException or TimeoutException)
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

        return $"{watch.Elapsed.TotalSeconds:0} s, {_turns} disturbances, {Quantity.Count(_book.Opened)} flows, {Quantity.OfBytes(_book.BytesChecked)} checked, ends: {ends}";
    }

    /// <summary>Something happens to some target ten times a second; now and then one is itself again.</summary>
    private async Task DisturbAsync(List<StreamTarget> targets, Stopwatch watch, CancellationToken cut)
    {
        var random = new Random((int)_options.Seed);
        while (watch.Elapsed < TimeSpan.FromSeconds(_options.Seconds))
        {
            var target = targets[random.Next(targets.Count)];
            switch (random.Next(6))
            {
                case 0:
                    await target.RefuseAsync();
                    break;
                case 1:
                    target.Reset();
                    break;
                case 2:
                    target.Stall();
                    break;
                case 3:
                    // As when its host is lost and another takes its place.
                    await target.RefuseAsync();
                    target.Reset();
                    target.Listen();
                    break;
                default:
                    target.Listen();
                    target.Resume();
                    break;
            }

            _turns++;
            await Task.Delay(s_turn, cut);
        }
    }

    private async Task WorkAsync(int worker, CancellationToken finish, CancellationToken cut)
    {
        var random = new Random((int)_options.Seed + worker + 1);
        while (!finish.IsCancellationRequested)
        {
            var rule = _rules[random.Next(_rules.Count)];
            var shape = new StreamShape
            {
                Kind = "disturbed",
                BytesIn = random.Next(MostStreamBytes),
                BytesOut = random.Next(MostStreamBytes),
                BytesPerSecond = random.Next(3) == 0 ? 0 : 200_000,
                IsAnsweredFirst = random.Next(3) == 0,
                ResetsAfter = random.Next(5) == 0 ? random.Next(1, MostStreamBytes) : 0,
                MayBreak = true,
            };
            // A stalled target's flow is given up after a while, as people do.
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cut);
            patience.CancelAfter(s_longest * (0.25 + random.NextDouble()));
            await StreamAsync(rule, shape, patience.Token);
        }
    }

    /// <summary>When all is as it was, every rule forwards as if nothing had been.</summary>
    private async Task AgainAsync(CancellationToken cut)
    {
        foreach (var rule in _rules)
        {
            await StreamAsync(rule, new StreamShape { Kind = "closing", BytesIn = 100_000, BytesOut = 100_000 }, cut);
        }
    }

    private async Task StreamAsync(SoakRule rule, StreamShape shape, CancellationToken cut)
    {
        var stream = _book.Open(rule.Name, [.. rule.Targets.Select(target => target.ToString())], shape, CancellationToken.None);
        await stream.RunAsync(rule.Place, cut);
        _book.Close(stream);
    }

    private void Check(EdgeLook look)
    {
        Ledger.ExpectSum(look, _findings);
        foreach (var rule in _rules)
        {
            // What the kernel held for a side that broke off was delivered to it and read by nobody.
            var (seen, sums) = (look.Rules[rule.Name], _book.Of(rule.Name));
            _findings.Expect(seen.Accepted == sums.Connected, $"{rule.Name}: {sums.Connected} connections were made, the edge took {seen.Accepted}");
            var arrived = sums.BytesIn - (CheckedStream.HeaderBytes * sums.Connected);
            _findings.Expect(
                seen.BytesIn >= arrived && seen.BytesOut >= sums.BytesOut,
                $"{rule.Name}: {arrived} bytes arrived in and {sums.BytesOut} out, the edge counts {seen.BytesIn} and {seen.BytesOut}");
        }
    }
}

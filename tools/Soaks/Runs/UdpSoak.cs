using System.Diagnostics;
using System.Net;
using Portunus.Soaks.Datagrams;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Streams;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Runs;

/// <summary>
/// A DNS server, an iperf3 server and a game's exchange through one edge for an hour. No answer is lost that the edge did not count as
/// dropped, flows end by silence, and descriptors and memory are what they were. The traffic is light, so that other work can go on beside it.
/// </summary>
internal sealed class UdpSoak
{
    public const string Name = "udp";
    private const int Players = 8;

    /// <summary>The shortest that a rule may have: flows come and go by the thousand in an hour.</summary>
    private const int IdleSeconds = 5;

    /// <summary>More flows than this at once are flows that do not end: some six new ones a second, for the idle time and as much again.</summary>
    private const int MostAtOnce = 150;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(5);
    /// <summary>
    /// Memory is compared from here on. With so little to do the edge's first garbage collection comes after some minutes, and until
    /// then garbage of its cold paths (samples, readers of its counters) is resident: 50 MiB became 65 in six minutes, and stayed.
    /// </summary>
    private static readonly TimeSpan s_longestWarmUp = TimeSpan.FromMinutes(15);

    private readonly SoakOptions _options;
    private readonly Findings _findings = new();
    private readonly SoakAddresses _addresses = new();
    private readonly AnswerTally _game = new();
    private readonly AnswerTally _dns = new();
    private long _mostActive;

    private UdpSoak(SoakOptions options) => _options = options;

    private IPEndPoint GameTarget => new(_addresses[50], SoakAddresses.FirstPort);

    private IPEndPoint DnsTarget => new(_addresses[53], SoakAddresses.FirstPort + 1);

    private IPEndPoint IperfTarget => new(_addresses[52], SoakAddresses.FirstPort + 2);

    public static async Task<Verdict> RunAsync(SoakOptions options, CancellationToken cut)
    {
        var soak = new UdpSoak(options);
        return new Verdict(Name, await soak.RunAsync(cut), soak._findings);
    }

    private async Task<string> RunAsync(CancellationToken cut)
    {
        try
        {
            SideProgram.Need("dnsmasq", "dig", "iperf3");
            await using var server = new GameServer(GameTarget);
            await using var names = DnsQuestions.StartServer(DnsTarget);
            await using var iperf = IperfDatagrams.StartServer(IperfTarget);
            await Wait.UntilAsync(() => DnsQuestions.AskAsync(DnsTarget, 1, new AnswerTally(), cut), () => $"dnsmasq answers; {names.Last}", cut);
            await Wait.UntilAsync(() => iperf.Last.Length > 0, () => "iperf3 listens", cut);
            var rules = Rules();
            await using var edge = await SoakedEdge.StartAsync(_options.Program, SoakRule.File(rules), new HashSet<string>(), cut);
            var looks = await edge.UntilAsync(look => look.Rules.Values.All(rule => rule.State == "listening"), "all rules listen", cut);
            var before = edge.OpenFiles;

            var game = rules.Single(rule => rule.Name == "game").Place;
            var dns = new DnsQuestions(rules.Single(rule => rule.Name == "dns-udp").Place, _dns, _findings);
            var bulk = new IperfDatagrams(rules.Single(rule => rule.Name == "iperf-udp").Place, _findings);
            using var over = new CancellationTokenSource();
            var watch = Stopwatch.StartNew();
            Task[] traffic =
            [
                .. Enumerable.Range(0, Players).Select(player => new GamePlayer(game, Pattern.Mix(_options.Seed + (ulong)player), _game).PlayAsync(over.Token, cut)),
                dns.AskAsync(over.Token, cut),
                dns.DigAsync(over.Token, cut),
                bulk.RunAsync(_options.Seconds, over.Token, cut),
            ];
            var whole = TimeSpan.FromSeconds(_options.Seconds);
            await WatchAsync(edge, whole / 2 < s_longestWarmUp ? whole / 2 : s_longestWarmUp, watch, cut);
            var first = edge.ResidentBytes;
            await WatchAsync(edge, whole, watch, cut);
            var last = edge.ResidentBytes;
            await over.CancelAsync();
            await Task.WhenAll(traffic);

            var grown = ((double)last / first) - 1;
            _findings.Expect(grown <= Growth.Allowed(_options), $"resident memory was {Quantity.OfBytes(first)} after the warm-up and is {Quantity.OfBytes(last)}");
            await edge.UntilAsync(look => look.Active == 0, $"all flows have ended, {IdleSeconds} s after the last datagram", cut);
            var end = await edge.LookOnceAsync(cut);
            Check(end, bulk, server);
            await Descriptors.ExpectBackAsync(edge, before, looks.Loops, _findings, cut);
            await edge.StopAsync(_findings);
            var udp = end.Rules.Values.Where(rule => rule.Protocol == "udp").ToArray();
            return $"{watch.Elapsed.TotalSeconds:0} s, game {Quantity.Count(_game.Asked)} moves and {Quantity.Count(_game.Lost)} without answer, DNS {Quantity.Count(_dns.Asked)} questions and {Quantity.Count(_dns.Lost)} without answer, "
                + $"dig {Quantity.Count(dns.Digs)} times, iperf3 {bulk.Turns} turns, {Quantity.Count(bulk.Sent)} datagrams and {Quantity.Count(bulk.Lost)} lost; "
                + $"{Quantity.Count(udp.Sum(rule => rule.Accepted))} flows, {_mostActive} at once, {Quantity.Count(udp.Sum(rule => rule.Dropped))} drops counted, {end.Collections} collections, "
                + $"resident {Quantity.OfBytes(first)} after the warm-up and {Quantity.OfBytes(last)} at the end ({Quantity.Percent(grown)})";
        }
        catch (SoakException error)
        {
            _findings.Add(error.Message);
            return "not finished";
        }
    }

    /// <summary>Looks at the flows until that much has passed.</summary>
    private async Task WatchAsync(SoakedEdge edge, TimeSpan until, Stopwatch watch, CancellationToken cut)
    {
        while (watch.Elapsed < until)
        {
            var left = until - watch.Elapsed;
            await Task.Delay(left < s_look ? left : s_look, cut);
            _mostActive = Math.Max(_mostActive, (await edge.LookAsync(cut)).Active);
        }
    }

    private void Check(EdgeLook look, IperfDatagrams bulk, GameServer server)
    {
        Ledger.ExpectSum(look, _findings);
        var (game, dns, iperf) = (look.Rules["game"], look.Rules["dns-udp"], look.Rules["iperf-udp"]);
        Expect("game", _game, game);
        Expect("DNS", _dns, dns);
        _findings.Expect(bulk.Lost <= iperf.Dropped, $"iperf3 lost {bulk.Lost} of {bulk.Sent}; the edge counts {iperf.DropsText}");
        _findings.Expect(server.Strange == 0, $"the game's server got {server.Strange} datagrams that nobody sent like that");
        _findings.Expect(server.Moves == game.DatagramsIn, $"the game's server got {server.Moves} datagrams; the edge counts {game.DatagramsIn}");
        foreach (var (name, rule) in look.Rules.Where(rule => rule.Value.Protocol == "udp"))
        {
            // iperf3's server closes the socket of a turn that is over, so a datagram that comes late, on a busy machine, is answered by ICMP.
            var closed = name == "iperf-udp" ? rule.Ends.GetValueOrDefault("unreachable") : 0;
            _findings.Expect(
                rule.Ends.GetValueOrDefault("idle") + closed == rule.Accepted,
                $"{name}: of {rule.Accepted} flows {rule.Ends.GetValueOrDefault("idle")} ended by silence; ends: {rule.EndsText}");
        }

        _findings.Expect(_mostActive <= MostAtOnce, $"{_mostActive} flows were open at once, so they outlive their idle time");
        _findings.Expect(bulk.Turns > 0 && bulk.Sent > 0, "iperf3 had no turn");
    }

    /// <summary>What was sent is what was passed on and what was dropped; and only what was dropped lacks an answer.</summary>
    private void Expect(string name, AnswerTally tally, RuleLook rule)
    {
        _findings.Expect(tally.Wrong == 0, $"{name}: {tally.Wrong} answers were not the one to the question");
        _findings.Expect(tally.Lost <= rule.Dropped, $"{name}: {tally.Lost} of {tally.Asked} had no answer; the edge counts {rule.DropsText}");
        _findings.Expect(
            tally.Asked == rule.DatagramsIn + rule.DropsIn.Values.Sum(),
            $"{name}: {tally.Asked} datagrams were sent; the edge passed {rule.DatagramsIn} on and counts {rule.DropsText}");
    }

    private IReadOnlyList<SoakRule> Rules() =>
    [
        Rule("game", "udp", 0, GameTarget),
        Rule("dns-udp", "udp", 1, DnsTarget),
        Rule("dns-tcp", "tcp", 1, DnsTarget),
        Rule("iperf-udp", "udp", 2, IperfTarget),
        Rule("iperf-tcp", "tcp", 2, IperfTarget),
    ];

    private SoakRule Rule(string name, string protocol, int port, IPEndPoint target) => new()
    {
        Name = name,
        Protocol = protocol,
        Address = _addresses[10],
        Port = SoakAddresses.FirstPort + port,
        Targets = [target],
        UdpIdleSeconds = protocol == "udp" ? IdleSeconds : null,
    };
}

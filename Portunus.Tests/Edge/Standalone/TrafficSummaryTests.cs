using Microsoft.Extensions.Logging;
using Portunus.Edge.Standalone;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Standalone;

public sealed class TrafficSummaryTests
{
    private readonly LogLines<TrafficSummary> _log = new();
    private RuleSample[] _rules = [];

    private TrafficSummary Summary(TimeProvider? time = null) =>
        new(() => SampleEdge.Sample(0, _rules), time ?? TimeProvider.System, _log);

    [Fact]
    public void WriteInterval_TwoLooks_TellsTheDifference()
    {
        var summary = Summary();
        _rules = [Rule("a", bytesIn: 100, bytesOut: 1000, opened: 3, active: 1, (FlowEnd.Denied, 2))];
        summary.WriteInterval();
        _rules = [Rule("a", bytesIn: 150, bytesOut: 1000, opened: 4, active: 2, (FlowEnd.Denied, 5), (FlowEnd.NoTarget, 1), (FlowEnd.Completed, 9))];
        summary.WriteInterval();

        Assert.Equal(2, _log.All.Count);
        Assert.EndsWith("100 bytes in, 1000 bytes out, 3 flows opened, 1 open; refused: denied 2", _log.All[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("50 bytes in, 0 bytes out, 1 flows opened, 2 open; refused: denied 3, no_target 1", _log.All[1].Text, StringComparison.Ordinal);
        Assert.All(_log.All, line => Assert.Equal(LogLevel.Information, line.Level));
    }

    [Fact]
    public void WriteInterval_QuietRule_IsNotTold()
    {
        var summary = Summary();
        _rules = [Rule("a", 100, 100, 1, 0), Rule("b", 0, 0, 0, 0)];
        summary.WriteInterval();
        summary.WriteInterval();
        Assert.Contains("Rule a ", Assert.Single(_log.All).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteInterval_RuleThatCameBackFromZero_TellsNoNegativeNumbers()
    {
        var summary = Summary();
        _rules = [Rule("a", 100, 100, 5, 0)];
        summary.WriteInterval();
        _rules = [Rule("a", 10, 20, 1, 0)];
        summary.WriteInterval();
        Assert.Contains("10 bytes in, 20 bytes out, 1 flows opened", _log.All[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteTotals_AfterAnInterval_TellsEveryRuleSinceTheStart()
    {
        var summary = Summary();
        _rules = [Rule("a", 100, 200, 3, 0, (FlowEnd.ConnectTimeout, 4)), Rule("b", 0, 0, 0, 0)];
        summary.WriteInterval();
        summary.WriteTotals();
        Assert.EndsWith("since the start: 100 bytes in, 200 bytes out, 3 flows opened, 0 open; refused: connect_timeout 4", _log.All[1].Text, StringComparison.Ordinal);
        Assert.EndsWith("0 flows opened, 0 open; refused: none", _log.All[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteInterval_UdpRule_TellsDatagramsAndDropsSinceTheLastLook()
    {
        var summary = Summary();
        var rule = SampleEdge.Datagrams("dns");
        _rules = [rule];
        summary.WriteInterval();
        _rules =
        [
            rule with
            {
                Traffic = rule.Traffic with { BytesIn = 120_500, DatagramsIn = 103 },
                DropsIn = new Dictionary<DatagramDrop, long> { [DatagramDrop.OverCap] = 9, [DatagramDrop.ReceiveBufferFull] = 6 },
            },
        ];
        summary.WriteInterval();
        summary.WriteTotals();
        Assert.EndsWith("500 bytes in 3 datagrams in, 0 bytes in 0 datagrams out, 0 flows opened, 2 open; dropped in: over_cap 4; dropped out: none", _log.All[1].Text, StringComparison.Ordinal);
        Assert.EndsWith("80 datagrams out, 10 flows opened, 2 open; dropped in: over_cap 9, receive_buffer_full 6; dropped out: bandwidth 7", _log.All[2].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EveryMinuteOfTheClock_WritesOnce()
    {
        var clock = new TickedClock();
        var summary = Summary(clock);
        _rules = [Rule("a", 0, 0, 0, active: 1)];
        using var stop = new CancellationTokenSource();
        var running = summary.RunAsync(stop.Token);
        Assert.Equal(TimeSpan.FromSeconds(60), clock.Period);
        clock.Tick();
        await Eventually.Equals(1, () => _log.All.Count, "the first minute");
        clock.Tick();
        await Eventually.Equals(2, () => _log.All.Count, "the second minute");
        await stop.CancelAsync();
        await Eventually.Within(running);
    }

    private static RuleSample Rule(string name, long bytesIn, long bytesOut, long opened, long active, params (FlowEnd End, long Count)[] ends) =>
        SampleEdge.Rule(name) with
        {
            Rule = RuleId.FromName(name),
            Traffic = new TrafficCount(bytesIn, bytesOut, opened, active),
            Accepted = opened,
            Ends = ends.ToDictionary(end => end.End, end => end.Count),
        };
}

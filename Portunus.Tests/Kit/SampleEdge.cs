using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Kit;

/// <summary>Samples of an edge that need no edge.</summary>
internal static class SampleEdge
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static EdgeSample Sample(double seconds, params RuleSample[] rules) => new(
        (long)seconds + 1,
        Start.AddSeconds(seconds),
        new EdgeVitals(Start, 2, [3, 4], 7, 120, 20000, 30 << 20, 5, 6),
        rules);

    /// <summary>A listening TCP rule with one target that is up and nothing counted.</summary>
    public static RuleSample Rule(string name, long bytesIn = 0, long bytesOut = 0)
    {
        var traffic = new TrafficCount(bytesIn, bytesOut, 10, 2);
        return new RuleSample
        {
            Rule = RuleId.FromName(name),
            Name = name,
            Protocol = "tcp",
            Listen = "*:8080",
            Outcome = new RuleOutcome(RuleId.FromName(name), RuleStanding.Listening),
            Traffic = traffic,
            Accepted = 12,
            ThrottlesIn = 1,
            ThrottlesOut = 2,
            TargetChanges = 3,
            NameFailures = 4,
            Ends = new Dictionary<FlowEnd, long> { [FlowEnd.Completed] = 7, [FlowEnd.UpstreamReset] = 1, [FlowEnd.NoTarget] = 2 },
            DropsIn = new Dictionary<DatagramDrop, long>(),
            DropsOut = new Dictionary<DatagramDrop, long>(),
            Ports = [new PortSample(8080, traffic)],
            Targets = [Target("10.0.0.1", TargetStanding.Up, traffic)],
        };
    }

    /// <summary>A listening UDP rule that has counted everything there is to count of datagrams.</summary>
    public static RuleSample Datagrams(string name)
    {
        var traffic = new TrafficCount(120_000, 90_000, 10, 2, 100, 80);
        return Rule(name) with
        {
            Protocol = "udp",
            Listen = "*:53",
            Traffic = traffic,
            Ends = new Dictionary<FlowEnd, long> { [FlowEnd.Idle] = 8 },
            DropsIn = new Dictionary<DatagramDrop, long> { [DatagramDrop.OverCap] = 5, [DatagramDrop.ReceiveBufferFull] = 6 },
            DropsOut = new Dictionary<DatagramDrop, long> { [DatagramDrop.Bandwidth] = 7 },
            Ports = [new PortSample(53, traffic)],
            Targets = [Target("10.0.0.53", TargetStanding.Up, traffic)],
        };
    }

    public static RuleSample Refused(string name)
    {
        var rule = Rule(name);
        return rule with
        {
            Outcome = new RuleOutcome(rule.Rule, RuleStanding.Refused, BindRefusal.PortInUse, 8080, "Port 8080 is taken by another socket."),
        };
    }

    public static TargetSample Target(string host, TargetStanding standing, TrafficCount traffic = default) => new()
    {
        Host = host,
        Port = 80,
        Priority = 1,
        Traffic = traffic,
        Standing = standing,
        ConsecutiveFailures = standing == TargetStanding.Down ? 3 : 0,
        ConnectFailures = 5,
        ConnectMs = standing == TargetStanding.Unknown ? null : 1.25,
        LastFailure = Start.AddSeconds(-30),
        LastSuccess = standing == TargetStanding.Unknown ? null : Start,
    };
}

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Shared.Samples;

/// <summary>
/// Bytes, flows and datagrams of one rule, port or target. Cumulative since the boot of the edge, but <see cref="FlowsActive"/>.
/// </summary>
/// <param name="BytesIn">Delivered to the target.</param>
/// <param name="BytesOut">Delivered to the connecting side.</param>
/// <param name="FlowsOpened">Flows that reached the relay.</param>
/// <param name="FlowsActive">Flows open now.</param>
/// <param name="DatagramsIn">Datagrams sent to the target; 0 for TCP.</param>
/// <param name="DatagramsOut">Datagrams sent to the connecting side; 0 for TCP.</param>
public readonly record struct TrafficCount(
    long BytesIn, long BytesOut, long FlowsOpened, long FlowsActive, long DatagramsIn = 0, long DatagramsOut = 0)
{
    public static TrafficCount operator +(TrafficCount a, TrafficCount b) => new(
        a.BytesIn + b.BytesIn,
        a.BytesOut + b.BytesOut,
        a.FlowsOpened + b.FlowsOpened,
        a.FlowsActive + b.FlowsActive,
        a.DatagramsIn + b.DatagramsIn,
        a.DatagramsOut + b.DatagramsOut);

    public static TrafficCount Add(TrafficCount left, TrafficCount right) => left + right;
}

/// <summary>Whether a target is thought to work.</summary>
public enum TargetStanding
{
    /// <summary>Nothing has reached it yet.</summary>
    Unknown,
    Up,
    Down,
}

/// <summary>One target of a rule.</summary>
public sealed record TargetSample
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required int Priority { get; init; }

    public required TrafficCount Traffic { get; init; }

    public required TargetStanding Standing { get; init; }

    /// <summary>Connect failures in a row.</summary>
    public required int ConsecutiveFailures { get; init; }

    /// <summary>Cumulative.</summary>
    public required long ConnectFailures { get; init; }

    /// <summary>The last successful connect took this long; null before the first.</summary>
    public required double? ConnectMs { get; init; }

    public required DateTimeOffset? LastFailure { get; init; }

    public required DateTimeOffset? LastSuccess { get; init; }
}

/// <summary>One listening port of a rule.</summary>
public readonly record struct PortSample(int Port, TrafficCount Traffic);

/// <summary>Everything an edge counts about one rule. Cumulative since its boot, so applying one twice is harmless.</summary>
public sealed record RuleSample
{
    public required RuleId Rule { get; init; }

    public required string Name { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>Whether the rule counts datagrams.</summary>
    public bool IsDatagrams => Protocol == "udp";

    /// <summary>As people write it: <c>0.0.0.0:8000-8009</c>, <c>[::1]:443</c>, <c>*:80</c>.</summary>
    public required string Listen { get; init; }

    public required RuleOutcome Outcome { get; init; }

    /// <summary>Sum over ports.</summary>
    public required TrafficCount Traffic { get; init; }

    /// <summary>Connections taken from the kernel, refused ones included; of UDP the flows opened, since a refused source is drops.</summary>
    public required long Accepted { get; init; }

    /// <summary>Times a direction paused for want of tokens, in and out.</summary>
    public required long ThrottlesIn { get; init; }

    public required long ThrottlesOut { get; init; }

    /// <summary>A target went down or came up again.</summary>
    public required long TargetChanges { get; init; }

    /// <summary>Names of targets that could not be resolved when a flow needed them.</summary>
    public required long NameFailures { get; init; }

    /// <summary>Ended flows by reason; only reasons seen.</summary>
    public required IReadOnlyDictionary<FlowEnd, long> Ends { get; init; }

    /// <summary>Datagrams from the connecting side that were not passed on, by reason; only reasons seen.</summary>
    public required IReadOnlyDictionary<DatagramDrop, long> DropsIn { get; init; }

    /// <summary>Datagrams from the target that were not passed on, by reason; only reasons seen.</summary>
    public required IReadOnlyDictionary<DatagramDrop, long> DropsOut { get; init; }

    public required IReadOnlyList<PortSample> Ports { get; init; }

    public required IReadOnlyList<TargetSample> Targets { get; init; }
}

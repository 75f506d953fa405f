namespace Portunus.Edge.Stats.View;

/// <summary>One line of the stats socket, read.</summary>
internal sealed record ViewSnapshot
{
    public required string Version { get; init; }

    public required DateTimeOffset TakenAt { get; init; }

    public required TimeSpan Uptime { get; init; }

    /// <summary>Of the edge's process: another value means another process, whose counters start from zero.</summary>
    public required string StartedAt { get; init; }

    public required long Loops { get; init; }

    public required long FlowsActive { get; init; }

    public required long OpenDescriptors { get; init; }

    /// <summary>Null without a limit.</summary>
    public required long? DescriptorLimit { get; init; }

    public required long ResidentBytes { get; init; }

    public required long AcceptErrors { get; init; }

    public required IReadOnlyList<ViewRule> Rules { get; init; }
}

/// <summary>Bytes, flows and datagrams of a rule, port or target.</summary>
internal readonly record struct ViewTraffic(
    long BytesIn, long BytesOut, long FlowsOpened, long FlowsActive, long DatagramsIn = 0, long DatagramsOut = 0)
{
    /// <summary>What came since <paramref name="earlier"/>; flows that are open are open.</summary>
    public ViewTraffic Since(ViewTraffic earlier) => new(
        BytesIn - earlier.BytesIn,
        BytesOut - earlier.BytesOut,
        FlowsOpened - earlier.FlowsOpened,
        FlowsActive,
        DatagramsIn - earlier.DatagramsIn,
        DatagramsOut - earlier.DatagramsOut);
}

/// <summary>One rule of a snapshot.</summary>
internal sealed record ViewRule
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Protocol { get; init; }

    public required string Listen { get; init; }

    public required string State { get; init; }

    public required string Forwarding { get; init; }

    public required string Refusal { get; init; }

    public required string Text { get; init; }

    public required ViewTraffic Traffic { get; init; }

    public required double RateIn { get; init; }

    public required double RateOut { get; init; }

    public required double FlowRate { get; init; }

    /// <summary>Datagrams per second; 0 for TCP, as all that is counted in datagrams.</summary>
    public required double DatagramRateIn { get; init; }

    public required double DatagramRateOut { get; init; }

    public required IReadOnlyList<(string Reason, long Count)> DropsIn { get; init; }

    public required IReadOnlyList<(string Reason, long Count)> DropsOut { get; init; }

    public bool IsDatagrams => Protocol == "udp";

    public required long Accepted { get; init; }

    public required long ThrottlesIn { get; init; }

    public required long ThrottlesOut { get; init; }

    public required long NameFailures { get; init; }

    public required long TargetChanges { get; init; }

    public required IReadOnlyList<(string Reason, long Count)> Ends { get; init; }

    public required IReadOnlyList<(long Port, ViewTraffic Traffic)> Ports { get; init; }

    public required IReadOnlyList<ViewTarget> Targets { get; init; }

    /// <summary>Bytes per second, oldest first; only in the first line of a connection.</summary>
    public required IReadOnlyList<double> HistoryIn { get; init; }

    public required IReadOnlyList<double> HistoryOut { get; init; }
}

/// <summary>One target of a rule.</summary>
internal sealed record ViewTarget
{
    public required string Place { get; init; }

    public required long Priority { get; init; }

    public required string Standing { get; init; }

    public required ViewTraffic Traffic { get; init; }

    public required long ConsecutiveFailures { get; init; }

    public required long ConnectFailures { get; init; }

    public required double? ConnectMs { get; init; }

    public required DateTimeOffset? LastFailure { get; init; }
}

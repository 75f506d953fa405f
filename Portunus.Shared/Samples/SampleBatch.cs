using Portunus.Shared.Ids;

namespace Portunus.Shared.Samples;

/// <summary>
/// Counters on their way. They are cumulative since the boot of the edge, so a lost batch costs resolution and a repeated one changes
/// nothing. Only rules whose counters changed since the last batch of this connection are in it. The first look after a hello has
/// every rule of the plan, so that whoever has just started knows how all stand, and of those that left it what is not durable yet.
/// </summary>
public sealed record SampleBatch
{
    /// <summary>One run of the edge's process; counters of another boot start from zero.</summary>
    public required Guid Boot { get; init; }

    /// <summary>Counts up with each look at the counters of this boot.</summary>
    public required long Sequence { get; init; }

    /// <summary>When they were read, by the edge's clock.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>This look is complete with this batch; large ones are cut by size.</summary>
    public required bool IsLast { get; init; }

    /// <summary>The counters of a boot that has ended: nothing more will come of it.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The process; in the first batch of a look of the running boot.</summary>
    public EdgeVitals? Vitals { get; init; }

    public required IReadOnlyList<RuleTotals> Rules { get; init; }
}

/// <summary>What an edge counted for one rule since its boot.</summary>
public sealed record RuleTotals
{
    public required RuleId Rule { get; init; }

    /// <summary>Whose rule it was when it was counted; null where the plan named none.</summary>
    public AccountId? Owner { get; init; }

    public required TrafficCount Traffic { get; init; }

    /// <summary>See <see cref="RuleSample.Accepted"/>.</summary>
    public required long Accepted { get; init; }

    /// <summary>Ended flows by the words of <see cref="FlowEnd"/>; only those seen.</summary>
    public IReadOnlyDictionary<string, long>? Ends { get; init; }

    /// <summary>Datagrams not passed on towards the target, by the words of <see cref="DatagramDrop"/>; only those seen.</summary>
    public IReadOnlyDictionary<string, long>? DropsIn { get; init; }

    /// <summary>The same on the way back.</summary>
    public IReadOnlyDictionary<string, long>? DropsOut { get; init; }

    /// <summary>Absent for a boot that has ended.</summary>
    public IReadOnlyList<TargetTotals>? Targets { get; init; }

    /// <summary>Only for rules of which somebody asked for them; a port without traffic is left out.</summary>
    public IReadOnlyList<PortTotals>? Ports { get; init; }
}

/// <summary>One target of a rule.</summary>
public sealed record TargetTotals(string Host, int Port, string Standing, TrafficCount Traffic, long ConnectFailures, double? ConnectMs);

/// <summary>One listening port of a rule.</summary>
public sealed record PortTotals(int Port, TrafficCount Traffic);

/// <summary>How far the counters of a boot are kept for good by the control plane.</summary>
/// <param name="Boot">Which boot.</param>
/// <param name="Sequence">Every batch up to this look is durable.</param>
/// <param name="IsFinal">The final counters of the boot are: the edge may forget it.</param>
public sealed record SampleMark(Guid Boot, long Sequence, bool IsFinal = false);

namespace Portunus.Shared.Samples;

/// <summary>How the edge process itself is doing.</summary>
/// <param name="StartedAt">When it started.</param>
/// <param name="Loops">Event loops.</param>
/// <param name="FlowsPerLoop">Open flows of each loop.</param>
/// <param name="FlowsActive">Their sum.</param>
/// <param name="OpenDescriptors">Descriptors in use.</param>
/// <param name="DescriptorLimit">The most the process may have.</param>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="AcceptErrors">Failed accepts since boot.</param>
/// <param name="Collections">Garbage collections since boot.</param>
public sealed record EdgeVitals(
    DateTimeOffset StartedAt,
    int Loops,
    IReadOnlyList<long> FlowsPerLoop,
    long FlowsActive,
    long OpenDescriptors,
    long DescriptorLimit,
    long ResidentBytes,
    long AcceptErrors,
    long Collections)
{
    /// <summary>Seconds that each loop was awake since it started; not told by earlier versions.</summary>
    public IReadOnlyList<double>? LoopBusySeconds { get; init; }

    /// <summary>What part of the time since the look before each loop was awake, 0 to 1; null in the first look.</summary>
    public IReadOnlyList<double>? LoopLoad { get; init; }
}

/// <summary>One look at an edge: its vitals and all its rules.</summary>
/// <param name="Sequence">Counts up with each look.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Vitals">The process.</param>
/// <param name="Rules">Each rule of the plan in force, in its order.</param>
public sealed record EdgeSample(long Sequence, DateTimeOffset TakenAt, EdgeVitals Vitals, IReadOnlyList<RuleSample> Rules);

using Portunus.Shared.Samples;

namespace Portunus.Shared.Link;

/// <summary>The first message of an edge. The report of the plan it holds and its counters follow.</summary>
public sealed record EdgeHello
{
    /// <summary>See <see cref="LinkVersion"/>.</summary>
    public required int LinkVersion { get; init; }

    /// <summary>Of the program.</summary>
    public required string Version { get; init; }

    /// <summary>What it serves beyond the first version, for pages that offer it.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>This run's counters.</summary>
    public required Guid Boot { get; init; }

    /// <summary>Earlier boots whose final counters are not known to be durable.</summary>
    public required IReadOnlyList<Guid> OlderBoots { get; init; }

    /// <summary>Of the plan in force; null when there is none.</summary>
    public string? PlanEpoch { get; init; }

    public long PlanNumber { get; init; }

    /// <summary>Host name, for people.</summary>
    public string Host { get; init; } = "";

    /// <summary>Such as <c>Linux 6.18.0</c>.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>Such as <c>x64</c>.</summary>
    public string Machine { get; init; } = "";
}

/// <summary>The answer to a hello; a plan follows where the edge's is not the newest.</summary>
public sealed record EdgeWelcome
{
    /// <summary>The version both speak.</summary>
    public required int LinkVersion { get; init; }

    /// <summary>Of the control plane's program.</summary>
    public required string Version { get; init; }

    /// <summary>For people.</summary>
    public required string EdgeName { get; init; }

    /// <summary>What is durable of each boot that the hello named; one not listed has nothing durable.</summary>
    public required IReadOnlyList<SampleMark> Durable { get; init; }

    /// <summary>Valid pins, the one in use first.</summary>
    public required IReadOnlyList<string> Pins { get; init; }
}

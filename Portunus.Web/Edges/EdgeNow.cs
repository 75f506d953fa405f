using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Web.Edges;

/// <summary>What is known of an edge at this moment: three facts, each null until the edge has told.</summary>
internal sealed record EdgeNow(LinkFact? Link, PlanFact? Plan, TrafficFact? Traffic)
{
    public static EdgeNow Unknown { get; } = new(null, null, null);

    public bool IsConnected => Link is { IsConnected: true };
}

/// <summary>Who is at the other end of a link.</summary>
/// <param name="Instance">One run of the edge's process.</param>
/// <param name="From">Its address.</param>
/// <param name="Version">Of its program.</param>
/// <param name="Host">Its host name, as it says.</param>
/// <param name="Kernel">As it says.</param>
/// <param name="Machine">As it says.</param>
/// <param name="Features">What it serves beyond the first version.</param>
internal sealed record LinkOrigin(string Instance, string From, string Version, string Host, string Kernel, string Machine, IReadOnlyList<string> Features);

/// <summary>The link of an edge, or the last it had.</summary>
/// <param name="Origin">Who is there.</param>
/// <param name="OpenedAt">When it said hello.</param>
/// <param name="LastHeardAt">When it last said anything.</param>
/// <param name="ClosedAt">Null while it is connected.</param>
/// <param name="ClosedWhy">A word; null while it is connected.</param>
internal sealed record LinkFact(LinkOrigin Origin, DateTimeOffset OpenedAt, DateTimeOffset LastHeardAt, DateTimeOffset? ClosedAt, string? ClosedWhy)
{
    public bool IsConnected => ClosedAt is null;
}

/// <summary>The plan that an edge has told every outcome of.</summary>
internal sealed record PlanFact(PlanRevision Revision, DateTimeOffset At);

/// <summary>The last counters of an edge.</summary>
/// <param name="At">When they came, by the clock of the control plane.</param>
/// <param name="TakenAt">When they were read, by the edge's clock.</param>
/// <param name="Vitals">The process, as last told.</param>
internal sealed record TrafficFact(DateTimeOffset At, DateTimeOffset TakenAt, EdgeVitals? Vitals);

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Shared.Link;

/// <summary>What the control plane may call on an edge. One way: what comes of a plan is told by <see cref="IEdgeHub.ReportPlan"/>.</summary>
public interface IEdgeClient
{
    /// <summary>The newest plan, whole.</summary>
    Task ApplyPlan(PlanMessage plan);

    /// <summary>The pins that are valid from now on, the one in use first.</summary>
    Task UsePins(IReadOnlyList<string> pins);

    /// <summary>These counters are kept for good.</summary>
    Task Covered(SampleMark mark);

    /// <summary>The rules whose samples should have their ports, until another such list; normally none.</summary>
    Task WatchPorts(IReadOnlyList<RuleId> rules);

    /// <summary>The link is about to be cut by the control plane, and why: <see cref="LinkClosing"/>.</summary>
    Task Closing(string reason);
}

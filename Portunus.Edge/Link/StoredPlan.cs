using Portunus.Shared.Plans;

namespace Portunus.Edge.Link;

/// <summary>What was found where the last plan is kept.</summary>
/// <param name="Plan">The plan; null where none is there, or none that will do.</param>
/// <param name="Problem">Why what is there will not do, in a sentence; null where nothing is wrong.</param>
internal sealed record StoredPlan(PlanMessage? Plan, string? Problem);

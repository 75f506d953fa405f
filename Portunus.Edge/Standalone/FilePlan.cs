using Portunus.Shared.Plans;

namespace Portunus.Edge.Standalone;

/// <summary>A plan made from a rule file, and how it differs from the plan before.</summary>
/// <param name="Plan">For the engine.</param>
/// <param name="Added">Rules that are new.</param>
/// <param name="Changed">Rules whose text is another.</param>
/// <param name="Removed">Rules that are gone.</param>
internal sealed record FilePlan(EdgePlan Plan, int Added, int Changed, int Removed);

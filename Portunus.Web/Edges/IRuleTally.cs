using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Edges;

/// <summary>How many rules of an edge stand where, as it last said. Disabled and expired ones that have stopped are none of these.</summary>
/// <param name="Listening">Take flows.</param>
/// <param name="Refused">Could not be bound, or are not understood.</param>
/// <param name="Draining">Take none and wait for the last ones to end.</param>
/// <param name="Waiting">The edge has not told of their revision yet.</param>
internal readonly record struct RuleTally(int Listening, int Refused, int Draining, int Waiting);

/// <summary>Counts what edges said of their rules. Upward: that is kept by a room above.</summary>
internal interface IRuleTally
{
    /// <summary>The plan in force; null until the edge has told of one.</summary>
    (PlanRevision Revision, DateTimeOffset At)? AppliedBy(EdgeId edge);

    /// <summary>Over all rules of the edge, where this very plan is in force there; else null, and they must be counted one by one.</summary>
    RuleTally? OfAll(EdgeId edge, PlanRevision wanted);

    /// <summary>Over these rules at these revisions.</summary>
    RuleTally Of(EdgeId edge, string epoch, IEnumerable<(RuleId Rule, long Revision)> rules);
}

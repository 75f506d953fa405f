using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>What a new plan means for the rules that run. Pure.</summary>
/// <param name="Added">Rules that must begin to listen: new, enabled, or back from being stopped.</param>
/// <param name="Changed">Rules that go on with another model, limits, targets or ports.</param>
/// <param name="Removed">Rules that must stop: gone from the plan, a tombstone, disabled or expired.</param>
internal sealed record PlanDiff(IReadOnlyList<PlannedRule> Added, IReadOnlyList<PlannedRule> Changed, IReadOnlyList<RuleId> Removed)
{
    /// <summary>
    /// Compares a plan with the rules running now, by id and rule revision; where it begins an epoch also by content, because a revision
    /// of another epoch may stand for something else.
    /// </summary>
    public static PlanDiff Between(IReadOnlyDictionary<RuleId, PlannedRule> running, EdgePlan plan, bool isNewEpoch, DateTimeOffset now)
    {
        var added = new List<PlannedRule>();
        var changed = new List<PlannedRule>();
        var wanted = new HashSet<RuleId>();
        foreach (var planned in plan.Rules)
        {
            if (!IsWanted(planned.Rule, now))
            {
                continue;
            }

            wanted.Add(planned.Id);
            if (!running.TryGetValue(planned.Id, out var old))
            {
                added.Add(planned);
            }
            else if (old.Revision != planned.Revision || old.Owner != planned.Owner
                // A grant's end is a rule's end, and both may change while the rule itself does not.
                || old.Rule?.ExpiresAt != planned.Rule?.ExpiresAt || old.LocalTargets != planned.LocalTargets
                || (isNewEpoch && !RuleSameness.IsSame(old, planned))
                || old.CutBefore != planned.CutBefore || old.DrainBefore != planned.DrainBefore)
            {
                changed.Add(planned);
            }
        }

        return new PlanDiff(added, changed, [.. running.Keys.Where(id => !wanted.Contains(id))]);
    }

    /// <summary>Whether a rule should listen at this moment.</summary>
    public static bool IsWanted(CheckedRule? rule, DateTimeOffset now) =>
        rule is { Enabled: true } && (rule.ExpiresAt is not { } end || end > now);
}

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Standalone;

/// <summary>
/// Turns one rule file after another into plans. A rule is the same rule as long as it has the same name; one whose text did
/// not change goes into the next plan exactly as it was, so that the engine leaves its listeners and flows alone.
/// </summary>
internal sealed class FilePlans(TimeProvider time)
{
    private static readonly Dictionary<AccountId, LimitSpec> s_noOwners = [];

    private Dictionary<RuleId, (RuleSpec Spec, PlannedRule Planned)> _last = [];
    private long _revision;

    /// <summary>The plan of a file that has been checked, and how it differs from the one before.</summary>
    public FilePlan Next(RuleFile file)
    {
        var revision = ++_revision;
        var next = new Dictionary<RuleId, (RuleSpec Spec, PlannedRule Planned)>(file.Rules.Count);
        var planned = new List<PlannedRule>(file.Rules.Count);
        var (added, changed) = (0, 0);
        foreach (var rule in file.Rules)
        {
            var id = RuleId.FromName(rule.Rule.Name);
            PlannedRule entry;
            if (!_last.TryGetValue(id, out var before))
            {
                added++;
                entry = new PlannedRule { Id = id, Revision = revision, Rule = rule.Rule };
            }
            else if (SpecEquality.Same(before.Spec, rule.Spec))
            {
                entry = before.Planned;
            }
            else
            {
                changed++;
                entry = Change(before.Planned, rule.Rule, revision, file.Global);
            }

            next[id] = (rule.Spec, entry);
            planned.Add(entry);
        }

        var removed = 0;
        foreach (var (id, before) in _last)
        {
            if (!next.ContainsKey(id))
            {
                removed++;
                planned.Add(Stop(new PlannedRule { Id = id, Revision = revision, Rule = null }, file.Global));
            }
        }

        _last = next;
        return new FilePlan(new EdgePlan(revision, planned, s_noOwners), added, changed, removed);
    }

    private PlannedRule Change(PlannedRule before, CheckedRule rule, long revision, GlobalSettings global)
    {
        var entry = new PlannedRule { Id = before.Id, Revision = revision, Rule = rule };
        if (!rule.Enabled)
        {
            return before.Rule is { Enabled: true } ? Stop(entry, global) : entry;
        }

        return global.ReloadFlows switch
        {
            FlowPolicy.Cut => entry with { CutBefore = new FlowOrder(revision, null) },
            FlowPolicy.Drain => entry with { DrainBefore = new FlowOrder(revision, time.GetUtcNow() + global.ShutdownDrain) },
            // What an earlier reload ordered for flows older still goes on to hold.
            _ => entry with { DrainBefore = before.DrainBefore },
        };
    }

    /// <summary>A rule that no longer listens has nothing that its flows could go on under: they drain at least.</summary>
    private PlannedRule Stop(PlannedRule entry, GlobalSettings global) => global.ReloadFlows == FlowPolicy.Cut
        ? entry with { CutBefore = new FlowOrder(entry.Revision, null) }
        : entry with { DrainBefore = new FlowOrder(entry.Revision, time.GetUtcNow() + global.ShutdownDrain) };
}

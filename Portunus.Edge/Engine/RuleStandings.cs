using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// Where each rule of the plan in force stands, and since when, as it is told to whoever made the plan. Updated by the reconciler
/// only, read from any thread.
/// </summary>
internal sealed class RuleStandings(ILogger log)
{
    private Dictionary<RuleId, ReportedRule> _known = [];
    private Told? _told;

    /// <summary>The plan that these standings are about; null before the first.</summary>
    public PlanRevision? Applied => Volatile.Read(ref _told)?.Plan;

    /// <summary>Every rule of that plan in its order, those that do not run included.</summary>
    public IReadOnlyList<ReportedRule> Rules => Volatile.Read(ref _told)?.Rules ?? [];

    /// <summary>Takes over how things stand now; true where a rule stands elsewhere than before.</summary>
    public bool Update(EdgePlan plan, RunningRules rules, DateTimeOffset now)
    {
        var outcomes = rules.Outcomes(plan);
        var known = new Dictionary<RuleId, ReportedRule>(outcomes.Count);
        var told = new ReportedRule[outcomes.Count];
        var changed = false;
        for (var i = 0; i < told.Length; i++)
        {
            var before = _known.GetValueOrDefault(outcomes[i].Rule);
            told[i] = Tell(outcomes[i], plan.Rules[i].Revision, before, now);
            known[told[i].Rule] = told[i];
            if (!ReferenceEquals(told[i], before))
            {
                changed = true;
                if (plan.Rules[i].Unread is { } why)
                {
                    log.RuleUnread(told[i].Rule, told[i].Revision, why);
                }
            }
        }

        _known = known;
        Volatile.Write(ref _told, new Told(plan.Revision, told));
        return changed;
    }

    /// <summary>The very same object where nothing changed.</summary>
    private static ReportedRule Tell(RuleOutcome outcome, long revision, ReportedRule? before, DateTimeOffset now)
    {
        var told = new ReportedRule(
            outcome.Rule,
            revision,
            SampleWords.Of(outcome.Standing),
            now,
            outcome.Refusal == BindRefusal.None ? null : SampleWords.Of(outcome.Refusal),
            outcome.Port == 0 ? null : outcome.Port,
            outcome.Text.Length == 0 ? null : outcome.Text);
        if (before is null || told.Standing != before.Standing || told.Refusal != before.Refusal || told.Port != before.Port)
        {
            return told;
        }

        // Another revision, or another sentence about the same: it has stood here all along.
        told = told with { Since = before.Since };
        return told == before ? before : told;
    }

    private sealed record Told(PlanRevision Plan, IReadOnlyList<ReportedRule> Rules);
}

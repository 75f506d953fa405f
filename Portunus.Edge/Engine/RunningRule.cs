using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Engine;

/// <summary>What the reconciler keeps about one rule. Touched by the reconciler only, one plan at a time.</summary>
internal sealed class RunningRule
{
    public RunningRule(PlannedRule planned, RuleState state, CountedRule counted, RevisionScale scale)
    {
        Planned = planned;
        Counted = counted;
        Scale = scale;
        State = state;
        Outcome = new RuleOutcome(planned.Id, RuleStanding.Waiting);
    }

    public RuleId Id => Planned.Id;

    public PlannedRule Planned { get; set; }

    public RuleState State { get; }

    /// <summary>What its revisions are called by model, flows and orders.</summary>
    public RevisionScale Scale { get; }

    /// <summary>Where it is counted now.</summary>
    public CountedRule Counted { get; set; }

    public IReadOnlyList<RuleListener> Listeners { get; set; } = [];

    public RuleOutcome Outcome { get; set; }

    /// <summary>Names held for the targets of this rule.</summary>
    public Dictionary<Target, NameEntry> Names { get; } = [];

    public RuleProbes Probes { get; } = new();

    /// <summary>Targets ever seen, by the number under which they are counted.</summary>
    public List<Target> Targets { get; } = [];

    /// <summary>When a refused rule is tried again, in clock ticks; 0 when it is not waiting.</summary>
    public long RetryAt { get; set; }

    public long RetryDelay { get; set; }

    /// <summary>What the plan said about the flows of this rule when it was stopped, or since; null while it runs.</summary>
    public PlannedRule? StopOrder { get; set; }

    /// <summary>When the last flow of the stopped rule is cut.</summary>
    public DateTimeOffset? StopBy { get; set; }

    /// <summary>When all flows that a rule has left, which is not understood any more, are cut; null: never.</summary>
    public DateTimeOffset? CutAt { get; set; }

    /// <summary>Refused, with a retry to come.</summary>
    public bool AwaitsRetry => RetryAt != 0;

    /// <summary>Flows of an older revision, on the rule's scale, to cut, and when.</summary>
    public (long Revision, DateTimeOffset Deadline)? Drain { get; set; }
}

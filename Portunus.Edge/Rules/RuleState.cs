using Portunus.Edge.Limits;
using Portunus.Edge.Metering;
using Portunus.Shared.Ids;

namespace Portunus.Edge.Rules;

/// <summary>
/// The live rule: one long-lived object that loops read and the reconciler writes. Listeners, flows and counters belong to
/// it and outlive any change of the model.
/// </summary>
internal sealed class RuleState
{
    private volatile RuleModel _model;
    private volatile RuleLimits _limits;
    private long _probedChanges;
    private long _drainBefore;

    /// <param name="counters">By the loop's index; those of a rule that comes back go on.</param>
    public RuleState(RuleId id, RuleModel model, RuleLimits limits, RuleCounters[] counters)
    {
        Id = id;
        _model = model;
        _limits = limits;
        Loops = new LoopRule[counters.Length];
        for (var i = 0; i < counters.Length; i++)
        {
            Loops[i] = new LoopRule(this, counters[i]);
        }
    }

    public RuleId Id { get; }

    /// <summary>This rule on each loop, by the loop's index.</summary>
    public LoopRule[] Loops { get; }

    /// <summary>Written by the reconciler only.</summary>
    public RuleModel Model
    {
        get => _model;
        set => _model = value;
    }

    /// <summary>Written by the reconciler only.</summary>
    public RuleLimits Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>
    /// Flows opened under a lower revision of the rule have been given a deadline and should not wait for the rule's own idle time:
    /// <see cref="LiveFlow.RuleChanged"/> tells them. 0: none; <see cref="long.MaxValue"/>: all. Written by the reconciler only.
    /// </summary>
    public long DrainBefore
    {
        get => Volatile.Read(ref _drainBefore);
        set => Volatile.Write(ref _drainBefore, value);
    }

    /// <summary>Times that a probe changed the standing of a target; flows count theirs by loop.</summary>
    public long ProbedChanges => Volatile.Read(ref _probedChanges);

    public void CountProbedChange() => Interlocked.Increment(ref _probedChanges);

    /// <summary>Admitted flows over all loops, those still dialling or in the mail to another loop included.</summary>
    public int FlowCount => (int)Limits.Flows.Count.Live;
}

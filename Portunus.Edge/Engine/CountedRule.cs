using Portunus.Edge.Rules;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// A rule that was counted since the boot. It outlives the rule: its last counters are told until somebody keeps them for good. Any
/// thread reads; only the reconciler writes.
/// </summary>
internal sealed class CountedRule
{
    private volatile RuleState _state;
    private volatile bool _isRetired;

    public CountedRule(RuleState state, AccountId? owner)
    {
        _state = state;
        Owner = owner;
    }

    public RuleId Rule => _state.Id;

    /// <summary>Whose rule it is while this is counted.</summary>
    public AccountId? Owner { get; }

    /// <summary>The rule has stopped and its last flow has ended: nothing more is counted, unless it comes back.</summary>
    public bool IsRetired
    {
        get => _isRetired;
        set => _isRetired = value;
    }

    public RuleState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>As it stands now, for telling whether anything was counted since an earlier look.</summary>
    public CountMark Look()
    {
        var sum = 0L;
        var active = 0L;
        foreach (var loop in _state.Loops)
        {
            loop.Counters.AddUp(ref sum, ref active);
        }

        var targets = new HashCode();
        var model = _state.Model.Targets;
        for (var i = 0; i < model.Count; i++)
        {
            var target = model[i].Target;
            targets.Add(target.Number);
            targets.Add(target.Health.Standing);
            targets.Add(target.Health.TotalFailures);
        }

        return new CountMark(sum, active, targets.ToHashCode());
    }

    /// <summary>Its counters as they travel.</summary>
    /// <param name="withPorts">Those of each port too; ports without traffic are left out.</param>
    public RuleTotals Totals(bool withPorts) => SampleReader.Totals(this, withPorts);
}

/// <summary>Counters in short: two looks that are equal saw the same.</summary>
/// <param name="Sum">Of all that only grows: it is the same only where each of them is.</param>
/// <param name="Active">Open flows.</param>
/// <param name="Targets">How the targets stand.</param>
internal readonly record struct CountMark(long Sum, long Active, int Targets);

using Portunus.Edge.Metering;
using Portunus.Edge.Rules;
using Portunus.Shared.Ids;

namespace Portunus.Edge.Engine;

/// <summary>
/// Every rule that was counted since the boot, those that have left the plan included until <see cref="Forget"/>. The reconciler
/// adds and retires, one plan at a time; whoever tells the counters looks and forgets, on any thread.
/// </summary>
internal sealed class CountedRules
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RuleId, CountedRule> _rules = [];
    private readonly bool _keepsRetired;
    private CountedRule[]? _all;

    /// <param name="keepsRetired">Whether somebody tells the counters and forgets the rules; otherwise one that retires is gone at once.</param>
    public CountedRules(bool keepsRetired) => _keepsRetired = keepsRetired;

    public IReadOnlyList<CountedRule> All
    {
        get
        {
            lock (_gate)
            {
                return _all ??= [.. _rules.Values];
            }
        }
    }

    /// <summary>The counters of a rule that comes back before it was forgotten, by loop; null for one that is new here.</summary>
    public RuleCounters[]? Find(RuleId rule)
    {
        lock (_gate)
        {
            return _rules.TryGetValue(rule, out var counted) ? [.. counted.State.Loops.Select(loop => loop.Counters)] : null;
        }
    }

    /// <summary>The rule begins, or comes back.</summary>
    public void Open(RuleState state, AccountId? owner)
    {
        lock (_gate)
        {
            if (_rules.TryGetValue(state.Id, out var known) && known.Owner == owner)
            {
                known.State = state;
                known.IsRetired = false;
                return;
            }

            _rules[state.Id] = new CountedRule(state, owner);
            _all = null;
        }
    }

    /// <summary>The rule has stopped and no loop counts for it any more.</summary>
    public void Retire(RuleId rule)
    {
        lock (_gate)
        {
            if (!_rules.TryGetValue(rule, out var counted))
            {
                return;
            }

            if (_keepsRetired)
            {
                counted.IsRetired = true;
                return;
            }

            _rules.Remove(rule);
            _all = null;
        }
    }

    /// <summary>What a retired rule has counted is kept for good elsewhere. One that came back meanwhile stays.</summary>
    public void Forget(CountedRule counted)
    {
        lock (_gate)
        {
            if (counted.IsRetired && _rules.TryGetValue(counted.Rule, out var known) && known == counted)
            {
                _rules.Remove(counted.Rule);
                _all = null;
            }
        }
    }
}

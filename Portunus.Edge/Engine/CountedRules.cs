using Portunus.Edge.Metering;
using Portunus.Shared.Ids;

namespace Portunus.Edge.Engine;

/// <summary>
/// Every rule that was counted since the boot, those that have left the plan included until <see cref="Forget"/>. The reconciler
/// opens and retires, one plan at a time; whoever tells the counters looks and forgets, on any thread.
/// </summary>
internal sealed class CountedRules
{
    // Counters of a boot never go back: a rule that returns goes on from where it was, as long as its record is there. A control plane
    // that was restored from an older file may bring back many at once.
    private const int MostForgotten = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<(RuleId, AccountId?), CountedRule> _rules = [];
    private readonly Dictionary<(RuleId, AccountId?), CountedRule> _forgotten = [];
    private readonly Queue<CountedRule> _oldest = [];
    private readonly CounterMemory _memory;
    private readonly bool _keepsRetired;
    private CountedRule[]? _all;

    /// <param name="memory">Where it is counted; by default in memory of this process alone.</param>
    /// <param name="keepsRetired">Whether somebody tells the counters and forgets the rules; otherwise one that retires is gone at once.</param>
    public CountedRules(CounterMemory? memory = null, bool keepsRetired = false)
    {
        _memory = memory ?? new CounterMemory();
        _keepsRetired = keepsRetired;
    }

    /// <summary>All that may have something to tell.</summary>
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

    /// <summary>Where a rule is counted from now on. One that was counted for this owner before goes on from there.</summary>
    public CountedRule Open(RuleId rule, AccountId? owner, int loops)
    {
        var key = (rule, owner);
        lock (_gate)
        {
            if (!_rules.TryGetValue(key, out var counted))
            {
                _all = null;
                if (!_forgotten.Remove(key, out counted))
                {
                    counted = new CountedRule(rule, owner, [.. Enumerable.Range(0, loops).Select(loop => _memory.Take(rule, owner, loop))]);
                }

                _rules[key] = counted;
            }

            counted.IsRetired = false;
            return counted;
        }
    }

    /// <summary>No loop counts there any more.</summary>
    public void Retire(CountedRule counted)
    {
        lock (_gate)
        {
            counted.IsRetired = true;
            if (!_keepsRetired)
            {
                Remove(counted);
                Free(counted);
            }
        }
    }

    /// <summary>What a retired rule has counted is kept for good elsewhere. One that came back meanwhile stays.</summary>
    public void Forget(CountedRule counted)
    {
        lock (_gate)
        {
            if (!counted.IsRetired || !Remove(counted))
            {
                return;
            }

            counted.State = null;
            _forgotten[(counted.Rule, counted.Owner)] = counted;
            _oldest.Enqueue(counted);
            while (_oldest.Count > MostForgotten)
            {
                var oldest = _oldest.Dequeue();
                var key = (oldest.Rule, oldest.Owner);
                // It may have come back, and been forgotten again since.
                if (!_oldest.Contains(oldest) && _forgotten.TryGetValue(key, out var known) && known == oldest)
                {
                    _forgotten.Remove(key);
                    Free(oldest);
                }
            }
        }
    }

    private bool Remove(CountedRule counted)
    {
        _all = null;
        return _rules.Remove((counted.Rule, counted.Owner));
    }

    private void Free(CountedRule counted)
    {
        foreach (var record in counted.Records)
        {
            _memory.Return(record);
        }
    }
}

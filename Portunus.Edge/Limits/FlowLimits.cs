namespace Portunus.Edge.Limits;

/// <summary>New flows per second and flows at once: the owner's limits first, then the rule's.</summary>
internal sealed class FlowLimits
{
    private readonly OwnerLimits? _owner;
    private readonly TokenBucket? _rate;

    public FlowLimits(OwnerLimits? owner, TokenBucket? rate, FlowCount count)
    {
        _owner = owner;
        _rate = rate;
        Count = count;
    }

    /// <summary>Outlives every change of the limits.</summary>
    public FlowCount Count { get; }

    /// <summary>The bucket of new flows, for the next snapshot to inherit from.</summary>
    public TokenBucket? Rate => _rate;

    /// <summary>Admits one flow, or says what refuses it; a refusal gives back whatever an earlier step took.</summary>
    /// <param name="now">Clock ticks.</param>
    /// <param name="cap">The most the rule keeps track of over all its ports; reached, the newcomer is refused, never a live flow ended.</param>
    public FlowRefusal TryOpen(long now, long cap = long.MaxValue)
    {
        var ownerRate = _owner?.FlowRate.Bucket;
        if (ownerRate is not null && ownerRate.Take(1, now) == 0)
        {
            return FlowRefusal.OwnerFlowRate;
        }

        if (_owner is not null && !_owner.Flows.TryAdd())
        {
            ownerRate?.Return(1);
            return FlowRefusal.OwnerConcurrent;
        }

        if (_rate is not null && _rate.Take(1, now) == 0)
        {
            ownerRate?.Return(1);
            _owner?.Flows.Remove();
            return FlowRefusal.RuleFlowRate;
        }

        if (!Count.TryAdd(cap))
        {
            _rate?.Return(1);
            ownerRate?.Return(1);
            _owner?.Flows.Remove();
            return cap < Count.Most ? FlowRefusal.OverCap : FlowRefusal.RuleConcurrent;
        }

        return FlowRefusal.None;
    }

    /// <summary>One that was admitted came to nothing: it has used up none of the rate either. On the instance that admitted it.</summary>
    public void Undo()
    {
        _rate?.Return(1);
        _owner?.FlowRate.Bucket?.Return(1);
        Close();
    }

    /// <summary>One admitted flow has ended. Call it on the instance that admitted it.</summary>
    public void Close()
    {
        Count.Remove();
        _owner?.Flows.Remove();
    }
}

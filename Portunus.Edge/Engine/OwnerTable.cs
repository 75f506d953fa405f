using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>What each owner may use over all own rules on this edge.</summary>
internal sealed class OwnerTable
{
    private readonly Dictionary<AccountId, OwnerLimits> _owners = [];

    /// <summary>Takes over the owner limits of a plan; owners that it does not name have none.</summary>
    public void Apply(EdgePlan plan)
    {
        foreach (var (owner, limits) in plan.OwnerLimits)
        {
            if (_owners.TryGetValue(owner, out var existing))
            {
                existing.Reconfigure(limits, LoopClock.Now);
            }
            else
            {
                _owners[owner] = new OwnerLimits(limits, LoopClock.Now);
            }
        }

        foreach (var (owner, existing) in _owners)
        {
            if (!plan.OwnerLimits.ContainsKey(owner))
            {
                existing.Reconfigure(LimitSpec.None, LoopClock.Now);
            }
        }
    }

    /// <summary>Every rule of an owner has that owner's limits, so that limits set later reach rules that are there already.</summary>
    public OwnerLimits? Of(PlannedRule planned)
    {
        if (planned.Owner is not { } owner)
        {
            return null;
        }

        if (!_owners.TryGetValue(owner, out var limits))
        {
            limits = new OwnerLimits(LimitSpec.None, LoopClock.Now);
            _owners[owner] = limits;
        }

        return limits;
    }
}

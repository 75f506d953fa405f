using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Grants;

namespace Portunus.Web.Rules;

/// <summary>
/// Rules follow their owner: they go with it, their flows cut, and whatever else becomes of it is worked out anew by the plans of
/// their edges. Those that may run again are switched off where somebody else has their port by now.
/// </summary>
internal sealed class RulesOfOwner : IOwnerConsequence
{
    public async Task<IReadOnlyList<AuditSubject>> ListAsync(PortunusDb db, AccountId owner, CancellationToken cancel) =>
        await db.Rules.Where(rule => rule.OwnerId == owner).OrderBy(rule => rule.Id).Select(rule => new AuditSubject("rule", rule.Id.ToString(), rule.Name)).ToListAsync(cancel);

    public async Task FollowAsync(AuditedChange change, AccountId owner, OwnerChange what, CancellationToken cancel)
    {
        if (what != OwnerChange.Deleted)
        {
            if (what != OwnerChange.Disabled)
            {
                await TakenPorts.DisableOfOwnerAsync(change, owner, cancel);
            }

            await PlanRevisions.RaiseForOwnerAsync(change.Db, owner, change.Now, cancel);
            return;
        }

        // The limits go with the account's row, and the plans of their edges show them.
        var edges = await change.Db.OwnerLimits.Where(limit => limit.AccountId == owner).Select(limit => limit.EdgeId).ToListAsync(cancel);
        await PlanRevisions.RaiseAsync(change.Db, edges, change.Now, cancel);
        foreach (var rule in await change.Db.Rules.Where(rule => rule.OwnerId == owner).OrderBy(rule => rule.Id).ToListAsync(cancel))
        {
            await RuleWriter.RemoveAsync(change, rule, new FlowsAsked(FlowsKind.Cut, FlowsAsked.DefaultDeadline), cancel);
        }
    }
}

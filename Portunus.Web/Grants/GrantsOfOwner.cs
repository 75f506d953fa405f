using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;

namespace Portunus.Web.Grants;

/// <summary>Grants go with their account; nothing else that becomes of it changes them.</summary>
internal sealed class GrantsOfOwner : IOwnerConsequence
{
    public async Task<IReadOnlyList<AuditSubject>> ListAsync(PortunusDb db, AccountId owner, CancellationToken cancel) =>
        await db.Grants.Where(grant => grant.AccountId == owner).OrderBy(grant => grant.Id).Select(grant => new AuditSubject("grant", grant.Id.ToString(), "")).ToListAsync(cancel);

    public async Task FollowAsync(AuditedChange change, AccountId owner, OwnerChange what, CancellationToken cancel)
    {
        if (what != OwnerChange.Deleted)
        {
            return;
        }

        var grants = await change.Db.Grants.Where(grant => grant.AccountId == owner).OrderBy(grant => grant.Id).ToListAsync(cancel);
        foreach (var grant in grants)
        {
            change.Tell("grant.revoke", new AuditSubject("grant", grant.Id.ToString()), GrantView.Asked(grant));
        }

        change.Db.Grants.RemoveRange(grants);
    }
}

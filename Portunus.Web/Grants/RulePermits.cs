using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Grants;

/// <summary>
/// Which rules may run, by what their owners are and were granted, all read at one moment. A rule keeps being what was asked when
/// its owner loses the permission: it stops on the edge, holds no port, and goes on when the permission is back.
/// </summary>
internal sealed class RulePermits
{
    private readonly Dictionary<AccountId, (AccountRole Role, bool Disabled)> _owners;
    private readonly ILookup<AccountId, Grant> _grants;
    private readonly DateTimeOffset _now;

    private RulePermits(Dictionary<AccountId, (AccountRole Role, bool Disabled)> owners, ILookup<AccountId, Grant> grants, DateTimeOffset now) =>
        (_owners, _grants, _now) = (owners, grants, now);

    /// <summary>Of these owners.</summary>
    public static async Task<RulePermits> ReadAsync(PortunusDb db, IReadOnlyCollection<AccountId> owners, DateTimeOffset now, CancellationToken cancel)
    {
        var wanted = owners.Distinct().ToList();
        var accounts = await db.Accounts.AsNoTracking().Where(account => wanted.Contains(account.Id))
            .Select(account => new { account.Id, account.Role, account.Disabled }).ToListAsync(cancel);
        var tenants = accounts.Where(account => account.Role == AccountRole.User).Select(account => account.Id).ToList();
        var grants = tenants.Count == 0 ? [] : await db.Grants.AsNoTracking().Where(grant => tenants.Contains(grant.AccountId)).ToListAsync(cancel);
        return From(accounts.Select(account => (account.Id, account.Role, account.Disabled)), grants, now);
    }

    /// <summary>From what was read already.</summary>
    public static RulePermits From(IEnumerable<(AccountId Id, AccountRole Role, bool Disabled)> owners, IEnumerable<Grant> grants, DateTimeOffset now) =>
        new(owners.ToDictionary(owner => owner.Id, owner => (owner.Role, owner.Disabled)), grants.ToLookup(grant => grant.AccountId), now);

    /// <summary>Under what the rule may run; null where it may not.</summary>
    public GrantCover? Of(Rule rule) => _owners.TryGetValue(rule.OwnerId, out var owner) && !owner.Disabled ? Granted(rule, owner.Role) : null;

    /// <summary>Whether it holds its port: one that is enabled, has not expired and is granted. A disabled account keeps its ports until it is back.</summary>
    public bool HoldsPort(Rule rule) => rule.Enabled && !(rule.ExpiresAt <= _now)
        && _owners.TryGetValue(rule.OwnerId, out var owner) && Granted(rule, owner.Role) is not null;

    private GrantCover? Granted(Rule rule, AccountRole role) => role switch
    {
        AccountRole.Superadmin => new GrantCover(null, true),
        AccountRole.User => GrantCheck.Cover(_grants[rule.OwnerId], rule.EdgeId, rule.Protocol, new PortRange(rule.FirstPort, rule.LastPort), _now),
        _ => null,
    };
}

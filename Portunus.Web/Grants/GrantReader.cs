using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>Reads grants: all of them for superadmins and auditors, own ones for tenants.</summary>
internal sealed class GrantReader(IDbContextFactory<PortunusDb> factory, TimeProvider clock)
{
    /// <param name="actor">Sees own grants, or all.</param>
    /// <param name="account">Only of this account.</param>
    /// <param name="edge">Only of this edge, those of every edge included.</param>
    /// <param name="asked">Which page, in the order of making.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<Page<GrantView>>> ListAsync(Actor actor, AccountId? account, EdgeId? edge, PageAsked asked, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var grants = Visible(db, actor);
        if (account is { } owner)
        {
            grants = grants.Where(grant => grant.AccountId == owner);
        }

        if (edge is { } one)
        {
            grants = grants.Where(grant => grant.EdgeId == one || grant.EdgeId == null);
        }

        if (asked.After is { } after)
        {
            if (!GrantId.TryParse(after[0], out var last))
            {
                return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said.");
            }

            grants = grants.Where(grant => grant.Id > last);
        }

        var rows = await grants.OrderBy(grant => grant.Id).Take(asked.Limit + 1).ToListAsync(cancel);
        var items = await ViewsAsync(db, [.. rows.Take(asked.Limit)], cancel);
        return new Page<GrantView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Id) : null);
    }

    public async Task<Outcome<GrantView>> GetAsync(Actor actor, GrantId id, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await Visible(db, actor).SingleOrDefaultAsync(grant => grant.Id == id, cancel) is { } row
            ? (await ViewsAsync(db, [row], cancel))[0]
            : Problem.NotFound("grant");
    }

    private static IQueryable<Grant> Visible(PortunusDb db, Actor actor) =>
        actor.IsOverseer ? db.Grants.AsNoTracking() : db.Grants.AsNoTracking().Where(grant => grant.AccountId == actor.Id);

    private async Task<List<GrantView>> ViewsAsync(PortunusDb db, List<Grant> rows, CancellationToken cancel)
    {
        var accounts = rows.Select(row => row.AccountId).Distinct().ToList();
        var edges = rows.Select(row => row.EdgeId).OfType<EdgeId>().Distinct().ToList();
        var accountNames = await db.Accounts.Where(account => accounts.Contains(account.Id)).ToDictionaryAsync(account => account.Id, account => account.UserName ?? "", cancel);
        var edgeNames = await db.Edges.Where(edge => edges.Contains(edge.Id)).ToDictionaryAsync(edge => edge.Id, edge => edge.Name, cancel);
        var now = clock.GetUtcNow();
        return rows.ConvertAll(row => GrantView.Of(row, accountNames.GetValueOrDefault(row.AccountId, ""), row.EdgeId is { } edge ? edgeNames.GetValueOrDefault(edge) : null, now));
    }
}

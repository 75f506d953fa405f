using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>Reads rules: all of them for superadmins and auditors, own ones for tenants, to whom others do not exist.</summary>
internal sealed class RuleReader(IDbContextFactory<PortunusDb> factory, TimeProvider clock)
{
    public async Task<Outcome<Page<RuleView>>> ListAsync(Actor actor, RuleFilter filter, RuleOrder order, PageAsked asked, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var now = clock.GetUtcNow();
        if (order.Apply(filter.Apply(RuleFilter.Visible(db, actor).AsNoTracking(), now), asked.After) is not { } rules)
        {
            return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said, with the same sort.");
        }

        var rows = await rules.Take(asked.Limit + 1).ToListAsync(cancel);
        var hasMore = rows.Count > asked.Limit;
        rows = rows.GetRange(0, Math.Min(rows.Count, asked.Limit));
        return new Page<RuleView>(await ViewsAsync(db, rows, now, cancel), hasMore ? Cursor.Write(order.KeysOf(rows[^1])) : null);
    }

    public async Task<Outcome<RuleView>> GetAsync(Actor actor, RuleId id, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await RuleFilter.Visible(db, actor).AsNoTracking().SingleOrDefaultAsync(rule => rule.Id == id, cancel) is { } row
            ? (await ViewsAsync(db, [row], clock.GetUtcNow(), cancel))[0]
            : Problem.NotFound("rule");
    }

    /// <summary>What is told of these rows.</summary>
    internal static async Task<List<RuleView>> ViewsAsync(PortunusDb db, List<Rule> rows, DateTimeOffset now, CancellationToken cancel)
    {
        var edges = rows.Select(row => row.EdgeId).Distinct().ToList();
        var owners = rows.Select(row => row.OwnerId).Distinct().ToList();
        var edgeNames = await db.Edges.Where(edge => edges.Contains(edge.Id)).ToDictionaryAsync(edge => edge.Id, edge => edge.Name, cancel);
        var ownerNames = await db.Accounts.Where(account => owners.Contains(account.Id)).ToDictionaryAsync(account => account.Id, account => account.UserName ?? "", cancel);
        var permits = await RulePermits.ReadAsync(db, owners, now, cancel);
        return rows.ConvertAll(row => RuleView.Of(
            row, edgeNames.GetValueOrDefault(row.EdgeId, ""), ownerNames.GetValueOrDefault(row.OwnerId, ""), RuleStatus.Of(row, permits.Of(row), now)));
    }
}

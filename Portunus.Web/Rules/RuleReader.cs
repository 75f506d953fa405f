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
internal sealed class RuleReader(IDbContextFactory<PortunusDb> factory, RuleFacts facts, TimeProvider clock)
{
    /// <param name="actor">Sees all, or own ones.</param>
    /// <param name="filter">Which of them.</param>
    /// <param name="applied">Only those that stand so on their edges, a word of <see cref="RuleFacts.States"/>; null for all.</param>
    /// <param name="order">In which order.</param>
    /// <param name="asked">Which page.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<Page<RuleView>>> ListAsync(Actor actor, RuleFilter filter, string? applied, RuleOrder order, PageAsked asked, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        if (applied is not null)
        {
            filter = await facts.NarrowAsync(db, filter, applied, cancel);
        }

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

    /// <summary>Of the plans of this store.</summary>
    public async Task<string> EpochAsync(CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
    }

    /// <summary>What is told of these rows.</summary>
    internal async Task<List<RuleView>> ViewsAsync(PortunusDb db, List<Rule> rows, DateTimeOffset now, CancellationToken cancel)
    {
        var edges = rows.Select(row => row.EdgeId).Distinct().ToList();
        var owners = rows.Select(row => row.OwnerId).Distinct().ToList();
        var edgeNames = await db.Edges.Where(edge => edges.Contains(edge.Id)).ToDictionaryAsync(edge => edge.Id, edge => edge.Name, cancel);
        var ownerNames = await db.Accounts.Where(account => owners.Contains(account.Id)).ToDictionaryAsync(account => account.Id, account => account.UserName ?? "", cancel);
        var permits = await RulePermits.ReadAsync(db, owners, now, cancel);
        var plans = await RuleFacts.PlansAsync(db, edges, cancel);
        return rows.ConvertAll(row => RuleView.Of(
            row, edgeNames.GetValueOrDefault(row.EdgeId, ""), ownerNames.GetValueOrDefault(row.OwnerId, ""), facts.Of(row, permits.Of(row), plans.GetValueOrDefault(row.EdgeId), now)));
    }
}

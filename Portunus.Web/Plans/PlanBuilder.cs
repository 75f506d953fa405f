using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;

namespace Portunus.Web.Plans;

/// <summary>
/// Tables → the plan of one edge, at one moment. What a rule may do is worked out here and not stored: a grant's end is its rule's
/// end, and a rule whose owner may not run it is planned as stopped, its flows cut.
/// </summary>
internal sealed class PlanBuilder(IDbContextFactory<PortunusDb> factory, TimeProvider clock, ILogger<PlanBuilder> log)
{
    /// <summary>The newest plan; null when there is no such edge.</summary>
    public async Task<EdgePlan?> BuildAsync(EdgeId edge, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        // A plan is never made of two moments.
        await Snapshot.BeginAsync(db, cancel);
        if (await db.EdgeRevisions.AsNoTracking().Where(row => row.EdgeId == edge).Select(row => (long?)row.Number).SingleOrDefaultAsync(cancel) is not { } number)
        {
            return null;
        }

        var epoch = await db.Settings.AsNoTracking().Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
        var rows = await db.Rules.AsNoTracking().Where(rule => rule.EdgeId == edge).OrderBy(rule => rule.Id).ToListAsync(cancel);
        var tombstones = await db.RuleTombstones.AsNoTracking().Where(tombstone => tombstone.EdgeId == edge).OrderBy(tombstone => tombstone.RuleId).ToListAsync(cancel);
        var limits = await db.OwnerLimits.AsNoTracking().Where(limit => limit.EdgeId == edge).ToListAsync(cancel);
        var permits = await RulePermits.ReadAsync(db, [.. rows.Select(row => row.OwnerId)], clock.GetUtcNow(), cancel);
        return new EdgePlan(
            new PlanRevision(epoch, number),
            [.. rows.Select(row => Plan(row, permits.Of(row))), .. tombstones.Select(Plan)],
            limits.ToDictionary(limit => limit.AccountId, OwnerLimitRows.Spec));
    }

    private PlannedRule Plan(Rule row, GrantCover? cover)
    {
        var read = RuleRows.Read(row);
        var planned = new PlannedRule
        {
            Id = row.Id,
            Revision = row.Revision,
            Rule = read.Rule,
            Owner = row.OwnerId,
            LocalTargets = cover is { LocalTargets: true },
            CutBefore = row.CutBefore > 0 ? new FlowOrder(row.CutBefore, null) : null,
            DrainBefore = row.DrainBefore > 0 ? new FlowOrder(row.DrainBefore, row.DrainUntil) : null,
        };
        if (read.Rule is not { } rule)
        {
            PlansLog.RuleUnreadable(log, row.Id, string.Join(", ", read.Problems.Select(problem => problem.Code)));
            return planned;
        }

        if (cover is null)
        {
            // Its own flows, opened under this very revision, end as well.
            return planned with { Rule = rule with { Enabled = false }, CutBefore = new FlowOrder(row.Revision + 1, null), DrainBefore = null };
        }

        return planned with { Rule = rule with { ExpiresAt = Earlier(rule.ExpiresAt, cover.Until) } };
    }

    private static PlannedRule Plan(RuleTombstone tombstone) => new()
    {
        Id = tombstone.RuleId,
        Revision = tombstone.Revision,
        Rule = null,
        CutBefore = tombstone.DrainUntil is null ? new FlowOrder(tombstone.Revision, null) : null,
        DrainBefore = tombstone.DrainUntil is { } until ? new FlowOrder(tombstone.Revision, until) : null,
    };

    private static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) => one is null || other < one ? other ?? one : one;
}

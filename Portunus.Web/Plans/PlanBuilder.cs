using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleJson;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Grants;

namespace Portunus.Web.Plans;

/// <summary>
/// Tables → the plan of one edge, at one moment. Rules travel as they are stored: what this version cannot read the edge cannot
/// either, and says so rule by rule. What a rule may do is worked out here and not stored: a grant's end is its rule's end, and a
/// rule whose owner may not run it is planned as forbidden, its flows cut.
/// </summary>
internal sealed class PlanBuilder(IDbContextFactory<PortunusDb> factory, TimeProvider clock, ILogger<PlanBuilder> log)
{
    /// <summary>Stands for a stored rule that is no JSON at all: no edge can read it, so it is refused there and seen to be.</summary>
    private static readonly RawJson s_unreadable = new("\"unreadable\"");

    /// <summary>Which plan is the newest; null when there is no such edge. Far cheaper than the plan.</summary>
    public async Task<PlanRevision?> RevisionAsync(EdgeId edge, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await RevisionAsync(db, edge, cancel);
    }

    /// <summary>The newest plan; null when there is no such edge.</summary>
    public async Task<PlanMessage?> BuildAsync(EdgeId edge, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        // A plan is never made of two moments.
        await Snapshot.BeginAsync(db, cancel);
        if (await RevisionAsync(db, edge, cancel) is not { } revision)
        {
            return null;
        }

        var rows = await ReadRulesAsync(db, edge, cancel);
        var tombstones = await db.RuleTombstones.AsNoTracking().Where(tombstone => tombstone.EdgeId == edge).OrderBy(tombstone => tombstone.RuleId).ToListAsync(cancel);
        var limits = await db.OwnerLimits.AsNoTracking().Where(limit => limit.EdgeId == edge).ToListAsync(cancel);
        var now = clock.GetUtcNow();
        var permits = await RulePermits.ReadAsync(db, [.. rows.Select(row => row.OwnerId)], now, cancel);
        return new PlanMessage(
            revision.Epoch,
            revision.Number,
            [.. rows.Select(row => Plan(row, row.ExpiresAt <= now ? null : permits.Of(row))), .. tombstones.Select(Plan)],
            limits.ToDictionary(limit => limit.AccountId, limit => Limits(limit)));
    }

    /// <summary>One row, and none where the edge is not known.</summary>
    private static async Task<PlanRevision?> RevisionAsync(PortunusDb db, EdgeId edge, CancellationToken cancel) =>
        await db.EdgeRevisions.AsNoTracking().Where(row => row.EdgeId == edge)
            .Select(row => new { row.Number, Epoch = db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).Single() })
            .SingleOrDefaultAsync(cancel) is { } found ? new PlanRevision(found.Epoch, found.Number) : null;

    /// <summary>Without the columns that are there for searching, which are most of a row.</summary>
    private static Task<List<Rule>> ReadRulesAsync(PortunusDb db, EdgeId edge, CancellationToken cancel) =>
        db.Rules.AsNoTracking().Where(rule => rule.EdgeId == edge).OrderBy(rule => rule.Id)
            .Select(rule => new Rule
            {
                Id = rule.Id,
                EdgeId = rule.EdgeId,
                OwnerId = rule.OwnerId,
                Protocol = rule.Protocol,
                FirstPort = rule.FirstPort,
                LastPort = rule.LastPort,
                Spec = rule.Spec,
                ExpiresAt = rule.ExpiresAt,
                Revision = rule.Revision,
                CutBefore = rule.CutBefore,
                DrainBefore = rule.DrainBefore,
                DrainUntil = rule.DrainUntil,
            })
            .ToListAsync(cancel);

    /// <summary>One that has expired by the clock here is forbidden as well: the edge's may be slow.</summary>
    private PlanEntry Plan(Rule row, GrantCover? cover) => new()
    {
        Id = row.Id,
        Revision = row.Revision,
        Rule = Stored(row),
        Owner = row.OwnerId,
        LocalTargets = cover is { LocalTargets: true },
        Forbidden = cover is null,
        Until = cover?.Until,
        // Where it is forbidden its own flows, opened under this very revision, end as well.
        CutBefore = cover is null ? new FlowOrder(row.Revision + 1, null) : row.CutBefore > 0 ? new FlowOrder(row.CutBefore, null) : null,
        DrainBefore = cover is not null && row.DrainBefore > 0 ? new FlowOrder(row.DrainBefore, row.DrainUntil) : null,
    };

    private RawJson Stored(Rule row)
    {
        if (IsJson(row.Spec))
        {
            return new RawJson(row.Spec);
        }

        PlansLog.RuleUnreadable(log, row.Id);
        return s_unreadable;
    }

    private static PlanEntry Plan(RuleTombstone tombstone) => new()
    {
        Id = tombstone.RuleId,
        Revision = tombstone.Revision,
        CutBefore = tombstone.DrainUntil is null ? new FlowOrder(tombstone.Revision, null) : null,
        DrainBefore = tombstone.DrainUntil is { } until ? new FlowOrder(tombstone.Revision, until) : null,
    };

    private static RawJson Limits(OwnerLimit row)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            RuleJsonWriter.WriteLimits(writer, OwnerLimitRows.Spec(row));
        }

        return new RawJson(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>Whether the text can be part of a message: one that is not would break the whole of it, and every other rule's.</summary>
    private static bool IsJson(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            // "null" would be read as a rule that was removed.
            return reader.Read() && reader.TokenType != JsonTokenType.Null && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

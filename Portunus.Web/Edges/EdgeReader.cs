using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Reads edges, as far as an actor may know of them.</summary>
internal sealed class EdgeReader(IDbContextFactory<PortunusDb> factory, EdgePresence presence, IRuleTally tally)
{
    /// <param name="actor">Sees all, or what is granted.</param>
    /// <param name="search">A part of the name or the public address, in any case.</param>
    /// <param name="asked">Which page, in the order of making.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<Outcome<Page<EdgeView>>> ListAsync(Actor actor, string? search, PageAsked asked, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var edges = EdgeSight.Visible(db, actor).AsNoTracking();
        if (!string.IsNullOrWhiteSpace(search))
        {
            var pattern = SearchPattern.Containing(search);
            edges = edges.Where(edge => EF.Functions.Like(edge.Name, pattern, SearchPattern.Escape)
                || (edge.PublicAddress != null && EF.Functions.Like(edge.PublicAddress, pattern, SearchPattern.Escape)));
        }

        if (asked.After is { } after)
        {
            if (!EdgeId.TryParse(after[0], out var last))
            {
                return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said.");
            }

            edges = edges.Where(edge => edge.Id > last);
        }

        var rows = await edges.OrderBy(edge => edge.Id).Take(asked.Limit + 1).ToListAsync(cancel);
        var items = await ViewsAsync(db, actor, [.. rows.Take(asked.Limit)], cancel);
        return new Page<EdgeView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Id) : null);
    }

    public async Task<Outcome<EdgeView>> GetAsync(Actor actor, EdgeId id, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await EdgeSight.Visible(db, actor).AsNoTracking().SingleOrDefaultAsync(edge => edge.Id == id, cancel) is { } row
            ? (await ViewsAsync(db, actor, [row], cancel))[0]
            : Problem.NotFound("edge");
    }

    /// <summary>By id or, in the very letters, by name; several of one name are told apart by id only.</summary>
    public async Task<Outcome<EdgeView>> FindAsync(Actor actor, string nameOrId, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var edges = EdgeSight.Visible(db, actor).AsNoTracking();
        var isId = EdgeId.TryParse(nameOrId, out var id);
        var rows = await edges.Where(edge => isId ? edge.Id == id : edge.Name == nameOrId).Take(2).ToListAsync(cancel);
        return rows.Count switch
        {
            0 => Problem.NotFound("edge"),
            1 => (await ViewsAsync(db, actor, rows, cancel))[0],
            _ => new Problem("edge_name_ambiguous", "", $"Several edges are called {nameOrId}; name one by its id."),
        };
    }

    /// <summary>What the actor sees of these rows.</summary>
    internal async Task<List<EdgeView>> ViewsAsync(PortunusDb db, Actor actor, List<Edge> rows, CancellationToken cancel)
    {
        var ids = rows.ConvertAll(row => row.Id);
        var epoch = await db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
        var numbers = await db.EdgeRevisions.AsNoTracking().Where(revision => ids.Contains(revision.EdgeId)).ToDictionaryAsync(revision => revision.EdgeId, revision => revision.Number, cancel);
        var rules = db.Rules.Where(rule => ids.Contains(rule.EdgeId));
        if (!actor.IsOverseer)
        {
            rules = rules.Where(rule => rule.OwnerId == actor.Id);
        }

        var counts = await rules.GroupBy(rule => rule.EdgeId).Select(group => new { Edge = group.Key, Count = group.Count() }).ToDictionaryAsync(one => one.Edge, one => one.Count, cancel);
        // Where the newest plan is in force its report says it all; only the others' rules are looked at one by one.
        var whole = actor.IsOverseer
            ? ids.ToDictionary(id => id, id => tally.OfAll(id, new PlanRevision(epoch, numbers.GetValueOrDefault(id))))
            : [];
        var open = ids.Where(id => whole.GetValueOrDefault(id) is null).ToList();
        var single = (await rules.Where(rule => open.Contains(rule.EdgeId)).Select(rule => new { rule.EdgeId, rule.Id, rule.Revision }).ToListAsync(cancel)).ToLookup(rule => rule.EdgeId, rule => (rule.Id, rule.Revision));
        return rows.ConvertAll(row => EdgeView.Of(
            row, presence.Of(row.Id),
            Plan(row.Id, new PlanRevision(epoch, numbers.GetValueOrDefault(row.Id)), whole.GetValueOrDefault(row.Id) ?? tally.Of(row.Id, epoch, single[row.Id])),
            counts.GetValueOrDefault(row.Id), actor.IsOverseer));
    }

    private EdgePlanStanding Plan(EdgeId edge, PlanRevision wanted, RuleTally rules)
    {
        // Numbers of another epoch do not compare.
        var applied = tally.AppliedBy(edge) is { } told && told.Revision.Epoch == wanted.Epoch ? told : ((PlanRevision Revision, DateTimeOffset At)?)null;
        return new EdgePlanStanding(wanted.Number, applied?.Revision.Number, applied?.At, rules.Listening, rules.Refused, rules.Draining, rules.Waiting);
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Reads edges, as far as an actor may know of them.</summary>
internal sealed class EdgeReader(IDbContextFactory<PortunusDb> factory)
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

    /// <summary>What the actor sees of these rows.</summary>
    internal static async Task<List<EdgeView>> ViewsAsync(PortunusDb db, Actor actor, List<Edge> rows, CancellationToken cancel)
    {
        var ids = rows.ConvertAll(row => row.Id);
        var revisions = await db.EdgeRevisions.AsNoTracking().Where(revision => ids.Contains(revision.EdgeId)).ToDictionaryAsync(revision => revision.EdgeId, revision => revision.Number, cancel);
        var rules = db.Rules.Where(rule => ids.Contains(rule.EdgeId));
        if (!actor.IsOverseer)
        {
            rules = rules.Where(rule => rule.OwnerId == actor.Id);
        }

        var counts = await rules.GroupBy(rule => rule.EdgeId).Select(group => new { Edge = group.Key, Count = group.Count() }).ToDictionaryAsync(one => one.Edge, one => one.Count, cancel);
        return rows.ConvertAll(row => EdgeView.Of(row, revisions.GetValueOrDefault(row.Id), counts.GetValueOrDefault(row.Id), actor.IsOverseer));
    }
}

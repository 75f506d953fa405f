using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;

namespace Portunus.Web.Database;

/// <summary>Raises the revision of plans. Whoever changes something that a plan shows calls this in the same transaction.</summary>
internal static class PlanRevisions
{
    /// <summary>Of these edges, each once.</summary>
    public static async Task RaiseAsync(PortunusDb db, IReadOnlyCollection<EdgeId> edges, DateTimeOffset now, CancellationToken cancel)
    {
        var wanted = edges.Distinct().ToList();
        var known = await db.EdgeRevisions.Where(revision => wanted.Contains(revision.EdgeId)).ToDictionaryAsync(revision => revision.EdgeId, cancel);
        foreach (var edge in wanted)
        {
            if (!known.TryGetValue(edge, out var revision))
            {
                revision = new EdgeRevision { EdgeId = edge };
                db.EdgeRevisions.Add(revision);
            }

            revision.Number++;
            revision.RaisedAt = now;
            db.Changed.Add(LiveTopic.Of(LiveKind.EdgePlan, edge));
        }
    }

    /// <summary>Of every edge on which the account has rules: what its role, its grants or its being disabled decides has changed.</summary>
    public static async Task RaiseForOwnerAsync(PortunusDb db, AccountId owner, DateTimeOffset now, CancellationToken cancel) =>
        await RaiseAsync(db, await db.Rules.Where(rule => rule.OwnerId == owner).Select(rule => rule.EdgeId).Distinct().ToListAsync(cancel), now, cancel);
}

using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Edges;

/// <summary>Which edges an actor may know of: all, or those a grant speaks of or an own rule is on. Of others not even the existence is told.</summary>
internal static class EdgeSight
{
    public static IQueryable<Edge> Visible(PortunusDb db, Actor actor)
    {
        if (actor.IsOverseer)
        {
            return db.Edges;
        }

        var self = actor.Id ?? default(AccountId);
        return db.Edges.Where(edge => db.Grants.Any(grant => grant.AccountId == self && (grant.EdgeId == null || grant.EdgeId == edge.Id))
            || db.Rules.Any(rule => rule.OwnerId == self && rule.EdgeId == edge.Id));
    }
}

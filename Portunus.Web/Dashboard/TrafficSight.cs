using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;
using Portunus.Web.Rules;

namespace Portunus.Web.Dashboard;

/// <summary>Whose traffic somebody may see: that of the rules and edges they may know of, by the same judgement as everywhere.</summary>
internal sealed class TrafficSight(IDbContextFactory<PortunusDb> factory)
{
    /// <summary>The edge of a rule that the actor may see.</summary>
    public async Task<Outcome<EdgeId>> RuleAsync(Actor actor, RuleId id, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await RuleFilter.Visible(db, actor).Where(rule => rule.Id == id).Select(rule => (EdgeId?)rule.EdgeId).SingleOrDefaultAsync(cancel) is { } edge
            ? edge
            : Problem.NotFound("rule");
    }

    /// <summary>An edge that the actor may see.</summary>
    public async Task<Outcome<EdgeId>> EdgeAsync(Actor actor, EdgeId id, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await EdgeSight.Visible(db, actor).AnyAsync(edge => edge.Id == id, cancel) ? id : Problem.NotFound("edge");
    }

    /// <summary>Whose counts the actor sees: null for all, else only own ones.</summary>
    public static AccountId? Of(Actor actor) => actor.IsOverseer ? null : actor.Id ?? default(AccountId);
}

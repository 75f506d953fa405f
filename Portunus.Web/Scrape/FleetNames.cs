using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database;

namespace Portunus.Web.Scrape;

/// <summary>An edge as monitoring names it, and how far its plan has come.</summary>
internal sealed record NamedEdge(EdgeId Id, string Name, bool IsRevoked, long PlanNumber);

/// <summary>A rule as monitoring names it.</summary>
internal sealed record NamedRule(RuleId Id, string Name, EdgeId Edge, AccountId Owner, TransportProtocol Protocol);

/// <summary>Reads what edges and rules are called: labels of their own, because names change and ids do not.</summary>
internal sealed class FleetNames(IDbContextFactory<PortunusDb> factory)
{
    /// <summary>All edges and all rules, in the order of their making, and how large the store is.</summary>
    public async Task<(IReadOnlyList<NamedEdge> Edges, IReadOnlyList<NamedRule> Rules)> ReadAsync(CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        await Snapshot.BeginAsync(db, cancel);
        var plans = await db.EdgeRevisions.AsNoTracking().ToDictionaryAsync(row => row.EdgeId, row => row.Number, cancel);
        var edges = await db.Edges.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.Name, row.RevokedAt }).ToListAsync(cancel);
        var rules = await db.Rules.AsNoTracking().OrderBy(row => row.Id)
            .Select(row => new NamedRule(row.Id, row.Name, row.EdgeId, row.OwnerId, row.Protocol)).ToListAsync(cancel);
        return (edges.ConvertAll(row => new NamedEdge(row.Id, row.Name, row.RevokedAt is not null, plans.GetValueOrDefault(row.Id))), rules);
    }
}

using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Traffic;

/// <summary>Reads the ledger: all of it once, at the start, to sum it up; later only the rules that edges tell of.</summary>
internal sealed class LedgerReader(IDbContextFactory<PortunusDb> factory)
{
    /// <summary>SQLite takes more parameters than this, but a query of each size is kept compiled.</summary>
    private const int Chunk = 500;

    private const string Sums =
        "SELECT EdgeId, OwnerId, BytesIn, BytesOut, Flows, DatagramsIn, DatagramsOut, DropsIn, DropsOut, Accepted, Refused, Failed FROM RuleTotals";

    /// <summary>Fills a book that is empty: totals of edges, owners and the fleet, and how far each boot has come.</summary>
    public async Task FillAsync(TrafficBook book, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        await Snapshot.BeginAsync(db, cancel);
        foreach (var row in await db.EdgeBoots.AsNoTracking().ToListAsync(cancel))
        {
            book.Edge(row.EdgeId).Boots[row.Boot] = new BootTraffic(row.Boot)
            {
                Covered = row.Sequence, Complete = row.Sequence, IsEnded = row.IsFinal, IsFinal = row.IsFinal, ChangedAt = row.ChangedAt,
            };
        }

        // Summed up here and not by the store, whose sums fail where they overflow.
        var (edges, owners, fleet) = (new Dictionary<EdgeId, LedgerCount>(), new Dictionary<AccountId, LedgerCount>(), default(LedgerCount));
        await using (var command = db.Database.GetDbConnection().CreateCommand())
        {
            command.CommandText = Sums;
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                if (!EdgeId.TryParse(rows.GetString(0), out var edge) || !AccountId.TryParse(rows.GetString(1), out var owner))
                {
                    continue;
                }

                var count = Read(rows);
                edges[edge] = edges.GetValueOrDefault(edge) + count;
                owners[owner] = owners.GetValueOrDefault(owner) + count;
                fleet += count;
            }
        }

        foreach (var (edge, count) in edges)
        {
            book.Edge(edge).Total = count;
        }

        foreach (var (owner, count) in owners)
        {
            book.Owner(owner).Begin(count);
        }

        book.Fleet.Begin(fleet);
    }

    /// <summary>Rows and owners of these rules, as far as they are an edge's: of a rule that is not, neither.</summary>
    public async Task<RulesRead> ReadAsync(EdgeId edge, IReadOnlyList<RuleId> rules, CancellationToken cancel)
    {
        var (rows, owners) = (new List<RuleTotal>(), new Dictionary<RuleId, AccountId>());
        await using var db = await factory.CreateDbContextAsync(cancel);
        await Snapshot.BeginAsync(db, cancel);
        foreach (var chunk in rules.Chunk(Chunk))
        {
            rows.AddRange(await db.RuleTotals.AsNoTracking().Where(row => row.EdgeId == edge && chunk.Contains(row.RuleId)).ToListAsync(cancel));
            foreach (var rule in await db.Rules.AsNoTracking().Where(rule => rule.EdgeId == edge && chunk.Contains(rule.Id)).Select(rule => new { rule.Id, rule.OwnerId }).ToListAsync(cancel))
            {
                owners.Add(rule.Id, rule.OwnerId);
            }
        }

        return new RulesRead(rows.ToLookup(row => row.RuleId), owners);
    }

    /// <summary>What the store holds of an edge: of all its rules, or of one; for all owners, or for one.</summary>
    public async Task<LedgerCount> TotalAsync(EdgeId edge, RuleId? rule, AccountId? owner, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var rows = db.RuleTotals.AsNoTracking().Where(row => row.EdgeId == edge);
        if (rule is { } one)
        {
            rows = rows.Where(row => row.RuleId == one);
        }

        if (owner is { } account)
        {
            rows = rows.Where(row => row.OwnerId == account);
        }

        var sum = default(LedgerCount);
        await foreach (var row in rows.AsAsyncEnumerable().WithCancellation(cancel))
        {
            sum += row.Count();
        }

        return sum;
    }

    /// <summary>Owners of all rules that an edge has now; null when there is no such edge any more.</summary>
    public async Task<Dictionary<RuleId, AccountId>?> OwnersAsync(EdgeId edge, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        await Snapshot.BeginAsync(db, cancel);
        return await db.Edges.AnyAsync(row => row.Id == edge, cancel)
            ? await db.Rules.AsNoTracking().Where(rule => rule.EdgeId == edge).Select(rule => new { rule.Id, rule.OwnerId }).ToDictionaryAsync(rule => rule.Id, rule => rule.OwnerId, cancel)
            : null;
    }

    private static LedgerCount Read(DbDataReader row) => new(
        row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11));
}

/// <summary>What the store knows of some rules.</summary>
/// <param name="Rows">Of the ledger.</param>
/// <param name="Owners">Of those that are there now.</param>
internal sealed record RulesRead(ILookup<RuleId, RuleTotal> Rows, IReadOnlyDictionary<RuleId, AccountId> Owners);

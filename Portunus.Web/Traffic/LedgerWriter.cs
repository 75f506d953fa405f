using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>
/// Makes counters durable: every few seconds, in one transaction, whatever changed. The numbers written are whole and not differences,
/// so a transaction that failed is simply written again with the next. Marks are told after the commit and never before.
/// </summary>
internal sealed class LedgerWriter(TrafficBook book, TrafficIntake intake, WriteLane lane, TimeProvider clock)
{
    private const string Upsert = """
        INSERT INTO RuleTotals (EdgeId, RuleId, Boot, OwnerId, BytesIn, BytesOut, Flows, DatagramsIn, DatagramsOut, DropsIn, DropsOut, Accepted, Refused, Failed, ChangedAt)
        VALUES ($edge, $rule, $boot, $owner, $0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $now)
        ON CONFLICT (EdgeId, RuleId, Boot, OwnerId) DO UPDATE SET BytesIn = excluded.BytesIn, BytesOut = excluded.BytesOut, Flows = excluded.Flows,
            DatagramsIn = excluded.DatagramsIn, DatagramsOut = excluded.DatagramsOut, DropsIn = excluded.DropsIn, DropsOut = excluded.DropsOut,
            Accepted = excluded.Accepted, Refused = excluded.Refused, Failed = excluded.Failed, ChangedAt = excluded.ChangedAt
        """;

    private const string Mark = """
        INSERT INTO EdgeBoots (EdgeId, Boot, Sequence, IsFinal, ChangedAt) VALUES ($edge, $boot, $sequence, $final, $now)
        ON CONFLICT (EdgeId, Boot) DO UPDATE SET Sequence = excluded.Sequence, IsFinal = excluded.IsFinal, ChangedAt = excluded.ChangedAt
        """;

    private const string Fold = """
        INSERT INTO RuleTotals (EdgeId, RuleId, Boot, OwnerId, BytesIn, BytesOut, Flows, DatagramsIn, DatagramsOut, DropsIn, DropsOut, Accepted, Refused, Failed, ChangedAt)
        SELECT EdgeId, RuleId, '00000000-0000-0000-0000-000000000000', OwnerId, BytesIn, BytesOut, Flows, DatagramsIn, DatagramsOut, DropsIn, DropsOut, Accepted, Refused, Failed, ChangedAt
        FROM RuleTotals WHERE EdgeId = $edge AND Boot = $boot
        ON CONFLICT (EdgeId, RuleId, Boot, OwnerId) DO UPDATE SET BytesIn = BytesIn + excluded.BytesIn, BytesOut = BytesOut + excluded.BytesOut, Flows = Flows + excluded.Flows,
            DatagramsIn = DatagramsIn + excluded.DatagramsIn, DatagramsOut = DatagramsOut + excluded.DatagramsOut, DropsIn = DropsIn + excluded.DropsIn, DropsOut = DropsOut + excluded.DropsOut,
            Accepted = Accepted + excluded.Accepted, Refused = Refused + excluded.Refused, Failed = Failed + excluded.Failed, ChangedAt = excluded.ChangedAt;
        DELETE FROM RuleTotals WHERE EdgeId = $edge AND Boot = $boot;
        """;

    /// <summary>A boot that hellos have not named for so long will not come again.</summary>
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(7);

    /// <summary>An ended boot that its edge does not name any more is remembered so long, should a copy of the edge's disk come up again.</summary>
    private static readonly TimeSpan s_remembered = TimeSpan.FromDays(30);

    /// <summary>And no more of them than this for an edge, should it start over and over.</summary>
    private const int MostRemembered = 500;

    /// <summary>Rows written so far, for tests and measurements.</summary>
    public long Written { get; private set; }

    /// <summary>Times that it failed.</summary>
    public long Failures { get; private set; }

    /// <summary>Writes what changed since the last time; throws what the store throws, and then nothing is lost or marked.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var (rows, marks) = Collect();
        if (rows.Count == 0 && marks.Count == 0)
        {
            return;
        }

        try
        {
            await using var write = await lane.BeginAsync(cancel);
            WriteRows(write.Db, rows, now);
            WriteMarks(write.Db, marks, now);
            await write.CommitAsync();
        }
        catch
        {
            Failures++;
            PutBack(rows, marks);
            throw;
        }

        Written += rows.Count;
        foreach (var (edge, boot, mark) in marks)
        {
            lock (edge.Gate)
            {
                Settle(edge, boot, mark, now);
            }

            intake.Tell(edge.Id, mark);
        }
    }

    /// <summary>Forgets ended boots that edges have forgotten, and counts those in full that no edge names any more.</summary>
    public async Task ForgetBootsAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var past = new List<(EdgeTraffic Edge, Guid Boot)>();
        foreach (var edge in book.Edges)
        {
            lock (edge.Gate)
            {
                // Before its hello an edge has not said what it has forgotten.
                var unnamed = edge.Named is { } named ? edge.Boots.Values.Where(boot => !named.Contains(boot.Id)).ToList() : [];
                foreach (var boot in unnamed.Where(boot => !boot.IsEnded && boot.ChangedAt < now - s_abandoned))
                {
                    (boot.IsEnded, boot.HasHole, boot.Complete) = (true, false, Math.Max(0, boot.Complete));
                }

                past.AddRange(unnamed.Where(boot => boot.IsFinal).OrderByDescending(boot => boot.ChangedAt)
                    .Where((boot, place) => place >= MostRemembered || boot.ChangedAt < now - s_remembered)
                    .Select(boot => (edge, boot.Id)));
            }
        }

        if (past.Count == 0)
        {
            return;
        }

        await using (var write = await lane.BeginAsync(cancel))
        {
            using var command = Command(write.Db, "DELETE FROM EdgeBoots WHERE EdgeId = $edge AND Boot = $boot");
            foreach (var (edge, boot) in past)
            {
                Set(command, "$edge", edge.Id.ToString());
                Set(command, "$boot", boot.ToString("D"));
                command.ExecuteNonQuery();
            }

            await write.CommitAsync();
        }

        foreach (var (edge, boot) in past)
        {
            lock (edge.Gate)
            {
                edge.Boots.Remove(boot);
            }
        }
    }

    /// <summary>An edge was deleted: what it counted stays, in one row for each rule and owner.</summary>
    public async Task CloseAsync(EdgeTraffic edge, CancellationToken cancel)
    {
        List<Guid> boots;
        lock (edge.Gate)
        {
            boots = [.. edge.Boots.Keys];
        }

        await using (var write = await lane.BeginAsync(cancel))
        {
            foreach (var boot in boots)
            {
                FoldBoot(write.Db, edge.Id, boot);
            }

            using var command = Command(write.Db, "DELETE FROM EdgeBoots WHERE EdgeId = $edge");
            Set(command, "$edge", edge.Id.ToString());
            command.ExecuteNonQuery();
            await write.CommitAsync();
        }

        book.Remove(edge);
    }

    private (List<Row> Rows, List<(EdgeTraffic, BootTraffic, SampleMark)> Marks) Collect()
    {
        var rows = new List<Row>();
        var marks = new List<(EdgeTraffic, BootTraffic, SampleMark)>();
        foreach (var edge in book.Edges)
        {
            lock (edge.Gate)
            {
                rows.AddRange(edge.TakeQueue().Select(share => new Row(share, share.Count)));
                if (edge.Unread.Count > 0)
                {
                    // What waits for its owner may be of any look.
                    continue;
                }

                foreach (var boot in edge.Boots.Values)
                {
                    if (!boot.HasHole && !boot.IsFinal && (boot.IsEnded || ((boot.HasNews || boot.Covered < 0) && boot.Complete > boot.Covered)))
                    {
                        boot.HasNews = false;
                        marks.Add((edge, boot, new SampleMark(boot.Id, boot.Complete, boot.IsEnded)));
                    }
                }
            }
        }

        return (rows, marks);
    }

    private static void PutBack(List<Row> rows, List<(EdgeTraffic Edge, BootTraffic Boot, SampleMark Mark)> marks)
    {
        foreach (var (share, _) in rows)
        {
            lock (share.Rule.Edge.Gate)
            {
                share.Rule.Edge.Enqueue(share);
            }
        }

        foreach (var (edge, boot, _) in marks)
        {
            lock (edge.Gate)
            {
                boot.HasNews = true;
            }
        }
    }

    private static void Settle(EdgeTraffic edge, BootTraffic boot, SampleMark mark, DateTimeOffset now)
    {
        boot.Covered = Math.Max(boot.Covered, mark.Sequence);
        boot.ChangedAt = now;
        if (mark.IsFinal)
        {
            boot.IsFinal = true;
            foreach (var rule in edge.Rules.Values)
            {
                rule.Fold(boot.Id);
            }
        }
    }

    private static void WriteRows(PortunusDb db, List<Row> rows, DateTimeOffset now)
    {
        using var command = Command(db, Upsert);
        Set(command, "$now", now.UtcTicks);
        foreach (var (share, count) in rows)
        {
            Set(command, "$edge", share.Rule.Edge.Id.ToString());
            Set(command, "$rule", share.Rule.Id.ToString());
            Set(command, "$boot", share.Boot.ToString("D"));
            Set(command, "$owner", share.Owner.ToString());
            Set(command, "$0", count.BytesIn);
            Set(command, "$1", count.BytesOut);
            Set(command, "$2", count.Flows);
            Set(command, "$3", count.DatagramsIn);
            Set(command, "$4", count.DatagramsOut);
            Set(command, "$5", count.DropsIn);
            Set(command, "$6", count.DropsOut);
            Set(command, "$7", count.Accepted);
            Set(command, "$8", count.Refused);
            Set(command, "$9", count.Failed);
            command.ExecuteNonQuery();
        }
    }

    private static void WriteMarks(PortunusDb db, List<(EdgeTraffic Edge, BootTraffic Boot, SampleMark Mark)> marks, DateTimeOffset now)
    {
        using var command = Command(db, Mark);
        Set(command, "$now", now.UtcTicks);
        foreach (var (edge, _, mark) in marks)
        {
            Set(command, "$edge", edge.Id.ToString());
            Set(command, "$boot", mark.Boot.ToString("D"));
            Set(command, "$sequence", mark.Sequence);
            Set(command, "$final", mark.IsFinal ? 1L : 0L);
            command.ExecuteNonQuery();
            if (mark.IsFinal)
            {
                FoldBoot(db, edge.Id, mark.Boot);
            }
        }
    }

    private static void FoldBoot(PortunusDb db, EdgeId edge, Guid boot)
    {
        using var command = Command(db, Fold);
        Set(command, "$edge", edge.ToString());
        Set(command, "$boot", boot.ToString("D"));
        command.ExecuteNonQuery();
    }

    private static DbCommand Command(PortunusDb db, string text)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        command.Transaction = db.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText = text;
        return command;
    }

    private static void Set(DbCommand command, string name, object value)
    {
        if (command.Parameters.Contains(name))
        {
            command.Parameters[name].Value = value;
            return;
        }

        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }

    /// <summary>A share and what it was when it was collected; more may have come since.</summary>
    private readonly record struct Row(LedgerShare Share, LedgerCount Count);
}

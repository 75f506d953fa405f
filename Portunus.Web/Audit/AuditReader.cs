using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Audit;

/// <summary>Reads entries, newest first. A page is found by the number of the last row of the one before, so deep pages cost no more than the first.</summary>
internal sealed class AuditReader(IDbContextFactory<PortunusDb> factory, IStanding standing)
{
    private const int ExportBatch = 500;

    public async Task<Outcome<Page<AuditEntryView>>> PageAsync(Actor actor, AuditFilter filter, PageAsked asked, CancellationToken cancel)
    {
        if (actor.NeedsOverseer() is { } refusal)
        {
            return refusal;
        }

        long? before = null;
        if (asked.After is { } after)
        {
            if (!long.TryParse(after[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seq))
            {
                return new Problem("cursor_malformed", "cursor", "cursor must be what \"next\" of the page before said.");
            }

            before = seq;
        }

        var rows = await RowsAsync(filter, before, asked.Limit + 1, cancel);
        var items = rows.Take(asked.Limit).Select(AuditEntryView.Of).ToList();
        return new Page<AuditEntryView>(items, rows.Count > asked.Limit ? Cursor.Write(items[^1].Seq.ToString(CultureInfo.InvariantCulture)) : null);
    }

    /// <summary>
    /// All that match, newest first, in batches: no read transaction stays open while a slow reader takes its time, and with each batch
    /// the reader must still be somebody who may read it; else it ends with <see cref="ReadingEnded"/>.
    /// </summary>
    public Outcome<IAsyncEnumerable<AuditEntryView>> Export(Actor actor, AuditFilter filter, CancellationToken cancel) =>
        actor.NeedsOverseer() is { } refusal ? refusal : Outcome.Of(ExportAsync(actor, filter, cancel));

    private async IAsyncEnumerable<AuditEntryView> ExportAsync(Actor actor, AuditFilter filter, [EnumeratorCancellation] CancellationToken cancel)
    {
        long? before = null;
        while (true)
        {
            // Whoever calls without an account is the machine itself, by a command line.
            if (actor.Id is not null && await standing.AgainAsync(actor, cancel) is not { IsOverseer: true })
            {
                throw new ReadingEnded();
            }

            var rows = await RowsAsync(filter, before, ExportBatch, cancel);
            foreach (var row in rows)
            {
                yield return AuditEntryView.Of(row);
            }

            if (rows.Count < ExportBatch)
            {
                yield break;
            }

            before = rows[^1].Seq;
        }
    }

    private async Task<List<AuditEntry>> RowsAsync(AuditFilter filter, long? before, int count, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        return await Matching(db.AuditEntries.AsNoTracking(), filter)
            .Where(entry => before == null || entry.Seq < before)
            .OrderByDescending(entry => entry.Seq)
            .Take(count)
            .ToListAsync(cancel);
    }

    private static IQueryable<AuditEntry> Matching(IQueryable<AuditEntry> entries, AuditFilter filter)
    {
        if (filter.ActorId is { } id)
        {
            entries = entries.Where(entry => entry.ActorId == id);
        }

        if (filter.ActorName is { } name)
        {
            entries = entries.Where(entry => entry.ActorName == name);
        }

        if (filter.Action is { } action)
        {
            if (action.EndsWith('*'))
            {
                // A range and not LIKE: it uses the index, and nothing in it is a wildcard.
                var start = action[..^1];
                var end = start + '\uffff';
                entries = entries.Where(entry => string.Compare(entry.Action, start) >= 0 && string.Compare(entry.Action, end) < 0);
            }
            else
            {
                entries = entries.Where(entry => entry.Action == action);
            }
        }

        if (filter.SubjectKind is { } kind)
        {
            entries = entries.Where(entry => entry.SubjectKind == kind);
        }

        if (filter.SubjectId is { } subject)
        {
            entries = entries.Where(entry => entry.SubjectId == subject);
        }

        if (filter.Outcome is { } outcome)
        {
            entries = entries.Where(entry => entry.Outcome == outcome);
        }

        if (filter.RequestId is { } request)
        {
            entries = entries.Where(entry => entry.RequestId == request);
        }

        if (filter.Since is { } since)
        {
            entries = entries.Where(entry => entry.At >= since);
        }

        return filter.Until is { } until ? entries.Where(entry => entry.At < until) : entries;
    }
}

/// <summary>Whoever was reading may not read on.</summary>
internal sealed class ReadingEnded : Exception;

using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Audit;

/// <summary>How long entries are kept.</summary>
/// <param name="Days">Older ones go; 0 keeps all.</param>
internal sealed record AuditRetentionOptions(int Days);

/// <summary>Removes entries that are older than they need to be kept: at the start and once an hour, or when asked.</summary>
internal sealed class AuditRetention(
    AuditTrail trail, WriteLane lane, IDbContextFactory<PortunusDb> factory, TimeProvider clock, AuditRetentionOptions options, ILogger<AuditRetention> log)
    : BackgroundService
{
    /// <summary>A batch holds the write lane for some milliseconds, not for as long as a million rows take.</summary>
    private const int Batch = 2000;

    /// <summary>Removes what is older than <paramref name="before"/>, or only counts it.</summary>
    /// <returns>How many entries that was.</returns>
    public async Task<Outcome<long>> PruneAsync(Actor actor, DateTimeOffset before, bool isTrial, CancellationToken cancel)
    {
        if (actor.NeedsSuperadmin() is { } refusal)
        {
            await trail.RefuseAsync(actor, "audit.prune", new AuditSubject("audit"), [refusal]);
            return refusal;
        }

        await using var db = await factory.CreateDbContextAsync(cancel);
        var count = await db.AuditEntries.LongCountAsync(entry => entry.At < before, cancel);
        if (isTrial || count == 0)
        {
            return count;
        }

        // Told first, so that it is there even if the power fails half-way; and spared, whatever time was given.
        var last = await db.AuditEntries.MaxAsync(entry => entry.Seq, cancel);
        var told = await trail.ChangeAsync<Nothing>(actor, "audit.prune", new AuditSubject("audit"), change =>
        {
            change.Tell("audit.prune", new AuditSubject("audit"), after: new { entries = count, before });
            return Task.FromResult<Outcome<Nothing>>(default(Nothing));
        }, cancel);
        if (!told.IsDone)
        {
            return told.As<long>();
        }

        int removed;
        do
        {
            await using var write = await lane.BeginAsync(cancel);
            removed = await write.Db.AuditEntries
                .Where(entry => write.Db.AuditEntries.Where(old => old.At < before && old.Seq <= last).OrderBy(old => old.Seq).Take(Batch).Select(old => old.Seq).Contains(entry.Seq))
                .ExecuteDeleteAsync(cancel);
            await write.CommitAsync();
        }
        while (removed == Batch);
        return count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Days == 0)
        {
            return;
        }

        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        do
        {
            try
            {
                var pruned = await PruneAsync(Actor.System, clock.GetUtcNow().AddDays(-options.Days), isTrial: false, stoppingToken);
                if (pruned.TryGet(out var count) && count > 0)
                {
                    AuditLog.Pruned(log, count, options.Days);
                }
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // A full disk or a locked store: the next hour may see better, and the program goes on without.
                AuditLog.PruneFailed(log, broken);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}

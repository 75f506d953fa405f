using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;

namespace Portunus.Web.Plans;

/// <summary>
/// Removes tombstones of rules once their edge has said that they have stopped. The plan keeps its revision: the edge has carried
/// the removal out already, and to know a stopped rule or not to know it is the same to it.
/// </summary>
internal sealed class TombstoneRemoval(
    IDbContextFactory<PortunusDb> factory, WriteLane lane, PlanOutcomes outcomes, LiveFeed feed, TimeProvider clock, ILogger<TombstoneRemoval> log)
    : BackgroundService
{
    /// <summary>Reports gather for so long: a drained port range is one write and not a thousand.</summary>
    public static readonly TimeSpan Gathering = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(30);
    private static readonly string s_stopped = SampleWords.Of(RuleStanding.Stopped);

    /// <summary>Others write in between.</summary>
    private const int Batch = 500;

    private readonly ConcurrentDictionary<EdgeId, byte> _reported = new();
    private readonly SemaphoreSlim _nudge = new(0, 1);

    /// <summary>Removes what these edges have reported stopped.</summary>
    /// <returns>How many tombstones that was.</returns>
    public async Task<int> RemoveAsync(IReadOnlyCollection<EdgeId> edges, CancellationToken cancel)
    {
        var removed = 0;
        foreach (var some in edges.Chunk(Batch))
        {
            foreach (var batch in (await FindAsync(some, cancel)).Chunk(Batch))
            {
                await using var write = await lane.BeginAsync(cancel);
                removed += await write.Db.RuleTombstones.Where(tombstone => batch.Contains(tombstone.RuleId)).ExecuteDeleteAsync(cancel);
                await write.CommitAsync();
            }
        }

        return removed;
    }

    public override void Dispose()
    {
        _nudge.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(LiveKind.EdgeRules, topic => Note(topic.Edge));
        while (true)
        {
            await _nudge.WaitAsync(stoppingToken);
            await Task.Delay(Gathering, clock, stoppingToken);
            var edges = _reported.Keys.ToList();
            edges.ForEach(edge => _reported.TryRemove(edge, out _));
            try
            {
                var removed = await RemoveAsync(edges, stoppingToken);
                if (removed > 0)
                {
                    PlansLog.TombstonesRemoved(log, removed);
                }
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                // A full disk or a locked store: nothing is lost by a longer plan.
                PlansLog.TombstonesStay(log, broken);
                await Task.Delay(s_retry, clock, stoppingToken);
                edges.ForEach(Note);
            }
        }
    }

    private async Task<List<RuleId>> FindAsync(EdgeId[] edges, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var tombstones = await db.RuleTombstones.AsNoTracking().Where(tombstone => edges.Contains(tombstone.EdgeId)).ToListAsync(cancel);
        if (tombstones.Count == 0)
        {
            return [];
        }

        var epoch = await db.Settings.Where(setting => setting.Key == Setting.PlanEpoch).Select(setting => setting.Value).SingleAsync(cancel);
        // A report of another epoch speaks of another rule that had this id.
        return [.. tombstones
            .Where(tombstone => outcomes.Find(tombstone.EdgeId, tombstone.RuleId) is { } told
                && told.Epoch == epoch && told.Rule.Revision >= tombstone.Revision && told.Rule.Standing == s_stopped)
            .Select(tombstone => tombstone.RuleId)];
    }

    private void Note(EdgeId edge)
    {
        _reported[edge] = 0;
        try
        {
            _nudge.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has been told already.
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database;
using Portunus.Web.Live;

namespace Portunus.Web.Plans;

/// <summary>
/// Raises the revision of plans that time alone has changed: a rule has expired, or a grant has ended that covered one or let it
/// aim at the edge itself. Edges know most ends beforehand, but their clocks may be wrong; what is told at the moment holds on all
/// of them. There is one timer, to the next such moment.
/// </summary>
internal sealed class PlanExpiry(IDbContextFactory<PortunusDb> factory, WriteLane lane, LiveFeed feed, TimeProvider clock, ILogger<PlanExpiry> log) : BackgroundService
{
    /// <summary>It looks at least so often, in case the clock was put forward.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    /// <summary>Changes of rules and grants may bring a sooner moment; many of them are looked at together.</summary>
    private static readonly TimeSpan s_gathering = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _nudge = new(0, 1);

    /// <summary>Everything up to here has been raised; null before the first look, which is at what ended while nobody was there.</summary>
    private DateTimeOffset? _looked;

    /// <summary>Raises what is due.</summary>
    /// <returns>How many plans that was.</returns>
    public async Task<int> RaiseAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        await using (var db = await factory.CreateDbContextAsync(cancel))
        {
            if (!await Due(db, now).AnyAsync(cancel))
            {
                return 0;
            }
        }

        await using var write = await lane.BeginAsync(cancel);
        var edges = await Due(write.Db, now).ToListAsync(cancel);
        await PlanRevisions.RaiseAsync(write.Db, edges, now, cancel);
        await write.CommitAsync();
        return edges.Count;
    }

    /// <summary>When the first rule expires or grant ends after a moment; null when none does. Far cheaper than to look at every plan.</summary>
    public async Task<DateTimeOffset?> NextAsync(DateTimeOffset after, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var rule = await db.Rules.Where(one => one.Enabled && one.ExpiresAt > after).OrderBy(one => one.ExpiresAt).Select(one => one.ExpiresAt).FirstOrDefaultAsync(cancel);
        var grant = await db.Grants.Where(one => one.ExpiresAt > after).OrderBy(one => one.ExpiresAt).Select(one => one.ExpiresAt).FirstOrDefaultAsync(cancel);
        return rule is null || grant < rule ? grant ?? rule : rule;
    }

    public override void Dispose()
    {
        _nudge.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = feed.Subscribe(LiveKind.EdgePlan, _ => Note());
        while (true)
        {
            var wait = LongestWait;
            try
            {
                wait = await LookAsync(stoppingToken);
            }
            catch (Exception broken) when (broken is not OperationCanceledException)
            {
                PlansLog.NotExpired(log, broken, wait);
            }

            if (await WaitAsync(wait, stoppingToken))
            {
                await Task.Delay(s_gathering, clock, stoppingToken);
            }
        }
    }

    /// <summary>Raises what is due, if anything can be. Answers how long to wait.</summary>
    private async Task<TimeSpan> LookAsync(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var next = _looked is { } before && before <= now ? await NextAsync(before, cancel) : now;
        if (next <= now)
        {
            var raised = await RaiseAsync(cancel);
            if (raised > 0)
            {
                PlansLog.Expired(log, raised);
            }

            // Not before: what failed is looked at again.
            _looked = now;
            next = await NextAsync(now, cancel);
        }

        // Timers count whole milliseconds, and one that is early would find nothing due.
        var wait = next - clock.GetUtcNow() + TimeSpan.FromMilliseconds(1);
        return wait < LongestWait ? wait.Value : LongestWait;
    }

    /// <summary>
    /// Edges whose plan was raised before something of it came to its end. A plan that was raised in the future was so by a clock
    /// that has been put right.
    /// </summary>
    private static IQueryable<EdgeId> Due(PortunusDb db, DateTimeOffset now)
    {
        var rules = db.Rules.Where(rule => rule.Enabled);
        return db.EdgeRevisions
            .Where(plan => plan.RaisedAt > now
                || rules.Any(rule => rule.EdgeId == plan.EdgeId && rule.ExpiresAt <= now && rule.ExpiresAt > plan.RaisedAt)
                || db.Grants.Any(grant => grant.ExpiresAt <= now && grant.ExpiresAt > plan.RaisedAt
                    && (grant.EdgeId == null || grant.EdgeId == plan.EdgeId)
                    && rules.Any(rule => rule.EdgeId == plan.EdgeId && rule.OwnerId == grant.AccountId
                        && rule.FirstPort >= grant.FirstPort && rule.LastPort <= grant.LastPort)))
            .Select(plan => plan.EdgeId);
    }

    /// <summary>True when it was nudged before the time was over.</summary>
    private async Task<bool> WaitAsync(TimeSpan most, CancellationToken cancel)
    {
        using var end = new CancellationTokenSource(most > TimeSpan.Zero ? most : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
        try
        {
            await _nudge.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Note()
    {
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

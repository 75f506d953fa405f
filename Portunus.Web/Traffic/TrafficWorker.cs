using Portunus.Web.Live;

namespace Portunus.Web.Traffic;

/// <summary>
/// Works in the background: owners as soon as somebody waits for one, the ledger every 2.5 seconds, watches and rings now and then.
/// A store that fails is tried again for ever; until then counters stay in memory and edges keep theirs.
/// </summary>
internal sealed class TrafficWorker(
    TrafficBook book, TrafficIntake intake, OwnerLookup owners, LedgerReader reader, LedgerWriter writer, PortWatch watch, LiveFeed feed, TimeProvider clock, ILogger<TrafficWorker> log)
    : BackgroundService
{
    private static readonly TimeSpan s_flush = TimeSpan.FromSeconds(2.5);
    private static readonly TimeSpan s_tidy = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _signal = new(0, 1);
    private bool _isFailing;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anything is served: what is durable is asked with the first hello.
        await reader.FillAsync(book, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>The last counters of edges that were connected until just now.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryAsync(flushes: true, cancellationToken);
    }

    public override void Dispose()
    {
        _signal.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var plans = feed.Subscribe(LiveKind.EdgePlan, MarkStale);
        using var trust = feed.Subscribe(LiveKind.EdgeTrust, MarkStale);
        intake.Waiting += Wake;
        var (flushed, tidied) = (clock.GetTimestamp(), clock.GetTimestamp());
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await _signal.WaitAsync(TimeSpan.FromMilliseconds(500), stoppingToken);
                var flushes = clock.GetElapsedTime(flushed) >= s_flush;
                await TryAsync(flushes, stoppingToken);
                flushed = flushes ? clock.GetTimestamp() : flushed;
                watch.Sweep();
                if (clock.GetElapsedTime(tidied) >= s_tidy)
                {
                    tidied = clock.GetTimestamp();
                    await TidyAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to stop; StopAsync writes what is left.
        }
        finally
        {
            intake.Waiting -= Wake;
        }
    }

    private async Task TryAsync(bool flushes, CancellationToken cancel)
    {
        try
        {
            await owners.RunAsync(cancel);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            TrafficLog.OwnersNotRead(log, broken);
        }

        if (!flushes)
        {
            return;
        }

        try
        {
            await writer.FlushAsync(cancel);
            if (_isFailing)
            {
                _isFailing = false;
                TrafficLog.DurableAgain(log);
            }
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            // Told once: it is tried again every few seconds, for hours on a full disk.
            if (!_isFailing)
            {
                _isFailing = true;
                TrafficLog.NotDurable(log, broken);
            }
        }
    }

    private async Task TidyAsync(CancellationToken cancel)
    {
        var now = TrafficIntake.Seconds(clock.GetUtcNow());
        foreach (var edge in book.Edges)
        {
            lock (edge.Gate)
            {
                edge.Ring.Trim(now);
                foreach (var rule in edge.Rules.Values)
                {
                    rule.Ring.Trim(now);
                }
            }
        }

        foreach (var owner in book.Owners.Append(book.Fleet))
        {
            owner.Trim(now);
        }

        try
        {
            await writer.ForgetBootsAsync(cancel);
            foreach (var edge in book.Edges.Where(edge => edge.IsGone && edge.Queue.Count == 0).ToList())
            {
                await writer.CloseAsync(edge, cancel);
            }
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            TrafficLog.NotTidied(log, broken);
        }
    }

    private void MarkStale(LiveTopic topic)
    {
        if (book.FindEdge(topic.Edge) is { } edge)
        {
            lock (edge.Gate)
            {
                edge.IsStale = true;
            }

            Wake();
        }
    }

    private void Wake()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Awake already.
        }
    }
}

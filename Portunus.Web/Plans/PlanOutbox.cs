using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Plans;

/// <summary>The plans of one edge on their way: one at a time, each the newest at its moment. It runs only while there is something to send.</summary>
internal sealed class PlanOutbox(PlanPublisher publisher, EdgeId edge) : IDisposable
{
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private bool _isTouched;
    private bool _isRunning;
    private long? _begunAt;
    private PlanRevision? _held;
    private CancellationTokenSource _connection = new();

    /// <summary>Done when nothing runs.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>There may be a newer plan. Answers at once.</summary>
    public void Touch()
    {
        lock (_gate)
        {
            Wake();
        }
    }

    /// <summary>A connection has begun. What was on its way to the one before is given up.</summary>
    public void Connect(PlanRevision? held)
    {
        CancellationTokenSource before;
        lock (_gate)
        {
            (before, _connection, _held) = (_connection, new CancellationTokenSource(), held);
            Wake();
        }

        // Not under the lock: this runs what waits for it.
        before.Cancel();
        before.Dispose();
    }

    public void Dispose() => _connection.Dispose();

    private void Wake()
    {
        _isTouched = true;
        if (!_isRunning && !publisher.Stopping.IsCancellationRequested)
        {
            _isRunning = true;
            Running = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        // The caller holds a commit, or a message of an edge.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var failures = 0;
        while (await NextAsync() is { } turn)
        {
            using var both = CancellationTokenSource.CreateLinkedTokenSource(turn, publisher.Stopping);
            try
            {
                await PublishAsync(both.Token);
                failures = 0;
            }
            catch (OperationCanceledException) when (both.IsCancellationRequested)
            {
                // Another connection has taken its place, or all is over: the next turn knows.
                failures = 0;
            }
            catch (Exception broken)
            {
                failures++;
                await RetryAsync(failures, broken, both.Token);
            }
        }
    }

    /// <summary>Waits until the next plan may go. Null when there is nothing to send.</summary>
    private async Task<CancellationToken?> NextAsync()
    {
        while (true)
        {
            TimeSpan wait;
            lock (_gate)
            {
                if (!_isTouched || publisher.Stopping.IsCancellationRequested)
                {
                    _isRunning = false;
                    return null;
                }

                wait = _begunAt is { } begun ? PlanPublisher.Spacing - publisher.Clock.GetElapsedTime(begun) : TimeSpan.Zero;
                if (wait <= TimeSpan.Zero)
                {
                    _isTouched = false;
                    return _connection.Token;
                }
            }

            await Task.Delay(wait, publisher.Clock, publisher.Stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishAsync(CancellationToken cancel)
    {
        PlanRevision? held;
        lock (_gate)
        {
            held = _held;
        }

        if (await publisher.BuildAsync(edge, held, cancel) is not { } plan || !publisher.Sender.IsConnected(edge))
        {
            return;
        }

        lock (_gate)
        {
            _begunAt = publisher.Clock.GetTimestamp();
        }

        // An edge that does not read holds up its own plans only, and no longer than its connection.
        await publisher.Sender.SendAsync(edge, plan, cancel).WaitAsync(cancel);
        lock (_gate)
        {
            if (!cancel.IsCancellationRequested)
            {
                _held = plan.Revision;
            }
        }

        PlansLog.Sent(publisher.Log, edge, plan.Revision, plan.Rules.Count);
    }

    private async Task RetryAsync(int failures, Exception broken, CancellationToken cancel)
    {
        if (!publisher.Sender.IsConnected(edge))
        {
            // It went away meanwhile; its next hello begins anew.
            return;
        }

        var most = TimeSpan.FromSeconds(0.25 * Math.Pow(2, Math.Min(failures, 10)));
        var delay = (most < s_longestRetry ? most : s_longestRetry) * (0.5 + (Random.Shared.NextDouble() / 2));
        PlansLog.NotSent(publisher.Log, broken, edge, failures, delay);
        lock (_gate)
        {
            _isTouched = true;
        }

        await Task.Delay(delay, publisher.Clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

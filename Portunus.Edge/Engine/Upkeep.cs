using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Engine;

/// <summary>
/// What falls due between plans: it sleeps until then, or until it is woken, and works within the reconciler's turn.
/// </summary>
internal sealed class Upkeep : IAsyncDisposable
{
    // Whatever failed is due at once; without a pause it would fail a thousand times a second.
    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn;
    private readonly Func<Task> _work;
    private readonly Func<TimeSpan> _untilNextDuty;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private Task _running = Task.CompletedTask;

    public Upkeep(SemaphoreSlim turn, Func<Task> work, Func<TimeSpan> untilNextDuty, ILogger log)
    {
        _turn = turn;
        _work = work;
        _untilNextDuty = untilNextDuty;
        _log = log;
        _stop = _stopping.Token;
    }

    public void Start() => _running = RunAsync();

    /// <summary>Has it look at once at what is due. Called within the turn.</summary>
    public void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Does something within the turn that cannot wait for the next look; a failure is logged. After disposal it does nothing.</summary>
    public async Task InTurnAsync(Func<Task> work)
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        try
        {
            await _turn.WaitAsync(_stop);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            await TryAsync(work);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync()
    {
        // The first plan wakes it.
        var sleep = Timeout.InfiniteTimeSpan;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(sleep, _stop);
                await _turn.WaitAsync(_stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                var succeeded = await TryAsync(_work);
                // Within the turn: a plan would change the rules while they are looked at.
                var next = _untilNextDuty();
                sleep = succeeded || next > s_pauseAfterFailure ? next : s_pauseAfterFailure;
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            _log.UpkeepFailed(error);
            return false;
        }
    }
}

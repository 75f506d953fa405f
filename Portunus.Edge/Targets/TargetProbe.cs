using System.Net;
using Portunus.Edge.Loop;

namespace Portunus.Edge.Targets;

/// <summary>
/// Asks one target at intervals whether it works, one probe at a time, and tells its health. Runs on the thread pool until it
/// is stopped; the target of a range is asked at its first port.
/// </summary>
internal sealed class TargetProbe : IAsyncDisposable
{
    // After a start or a change the first answers should be there soon, and yet not all targets be asked at one moment.
    private static readonly TimeSpan s_longestFirstWait = TimeSpan.FromSeconds(2);

    private readonly Target _target;
    private readonly SemaphoreSlim _room;
    private readonly TimeProvider _time;
    private readonly Action _changed;
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    /// <param name="target">Whom to ask; its health is told.</param>
    /// <param name="model">What with.</param>
    /// <param name="preface">Bytes before whatever is sent.</param>
    /// <param name="room">How many probes of this edge may be under way at once.</param>
    /// <param name="time">The clock of intervals.</param>
    /// <param name="changed">Called when a probe has changed the target's standing. Any thread.</param>
    public TargetProbe(Target target, ProbeModel model, byte[] preface, SemaphoreSlim room, TimeProvider time, Action changed)
    {
        _target = target;
        Model = model;
        Preface = preface;
        _room = room;
        _time = time;
        _changed = changed;
    }

    public ProbeModel Model { get; }

    public byte[] Preface { get; }

    public void Start()
    {
        _target.Health.BeginProbing(Model.Rise, Model.Fall);
        _work = Task.Run(RunAsync);
    }

    /// <summary>From the call on nothing is told any more; completes when the socket is closed.</summary>
    public async ValueTask DisposeAsync()
    {
        _target.Health.EndProbing(LoopClock.Now);
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var wait = (Model.Interval < s_longestFirstWait ? Model.Interval : s_longestFirstWait) * Random.Shared.NextDouble();
        try
        {
            while (true)
            {
                await Task.Delay(wait, _time, _stop.Token);
                var begun = _time.GetTimestamp();
                await ProbeAsync();
                wait = (Model.Interval * (0.9 + (Random.Shared.NextDouble() * 0.2))) - _time.GetElapsedTime(begun);
                wait = wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task ProbeAsync()
    {
        await _room.WaitAsync(_stop.Token);
        try
        {
            Report(await AskAsync());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // A fault of ours in one probe must not be the end of probing.
            _target.Health.Notice?.Faulted(error);
        }
        finally
        {
            _room.Release();
        }
    }

    /// <summary>One address after the other, as flows dial them, until one answers.</summary>
    private async Task<ProbeResult> AskAsync()
    {
        var result = new ProbeResult(ProbeVerdict.Failed, 0, "its name has no address");
        var isDecided = false;
        foreach (var found in await AddressesAsync())
        {
            var address = found.IsIPv4MappedToIPv6 ? found.MapToIPv4() : found;
            if (Model.Guard is { } guard && guard.Refuses(address))
            {
                result = isDecided ? result : new ProbeResult(ProbeVerdict.Failed, 0, TargetGuard.Reason);
                continue;
            }

            var next = await ProbeAttempt.MakeAsync(new IPEndPoint(address, _target.FirstPort), Model, Preface, _time, _stop.Token);
            if (next.Verdict == ProbeVerdict.Answered)
            {
                return next;
            }

            // What one address failed at weighs more than that another could not be asked.
            result = isDecided && next.Verdict == ProbeVerdict.NotMade ? result : next;
            isDecided |= next.Verdict == ProbeVerdict.Failed;
        }

        return result;
    }

    private async Task<IPAddress[]> AddressesAsync()
    {
        if (_target.Names is not { } names)
        {
            return [_target.Literal.ToAddress()];
        }

        if (names.Addresses is { } known)
        {
            return known;
        }

        var answer = new NameArrival();
        names.Wait(answer);
        await answer.Task.WaitAsync(_stop.Token);
        return names.Addresses ?? [];
    }

    private void Report(ProbeResult result)
    {
        switch (result.Verdict)
        {
            case ProbeVerdict.Answered:
                if (_target.Health.ReportProbeAnswered(result.Ticks))
                {
                    _changed();
                }

                break;
            case ProbeVerdict.Failed:
                if (_target.Health.ReportProbeFailed(LoopClock.Now, result.Reason))
                {
                    _changed();
                }

                break;
            default:
                _target.Health.Notice?.NotProbed(result.Reason);
                break;
        }
    }

    private sealed class NameArrival : INameWaiter
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Task => _arrived.Task;

        public void NameReady(NameEntry entry) => _arrived.TrySetResult();
    }
}

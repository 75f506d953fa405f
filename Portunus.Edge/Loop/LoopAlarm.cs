using Portunus.Edge.Native;

namespace Portunus.Edge.Loop;

/// <summary>
/// Wakes a sleeping loop when its next timer is due. A timeout given to epoll_wait would be set up and torn down in the kernel at
/// each sleep, 0.4 µs of CPU (two threads waking each other, 5.0 against 6.0 µs a round); this descriptor is set only when
/// something earlier than before is due, which for connections that come and go within their timeouts is hardly ever.
/// </summary>
internal sealed class LoopAlarm : IDisposable
{
    private const long NothingSet = long.MaxValue;
    private const long NanosecondsPerTick = 100;

    private readonly int _timer;
    private long _setFor = NothingSet;

    /// <summary>Throws <see cref="InvalidOperationException"/> where the kernel gives no timer.</summary>
    public LoopAlarm(int epoll, ulong tag)
    {
        var opened = TimerCalls.Open();
        _timer = opened.IsOk ? opened.Value : throw new InvalidOperationException($"timerfd_create answered {opened.Error}");
        // Edge-triggered: each expiry is reported once and need not be read.
        var registered = EpollCalls.Register(epoll, _timer, EpollCalls.In | EpollCalls.EdgeTriggered, tag);
        if (!registered.IsOk)
        {
            PipeCalls.Close(_timer);
            throw new InvalidOperationException($"epoll_ctl answered {registered.Error}");
        }
    }

    /// <summary>
    /// Before a sleep: sees to it that the loop wakes by <paramref name="due"/>; <see cref="long.MaxValue"/> is never. An alarm that is
    /// set for earlier already stays, and wakes the loop once for nothing. False when the kernel refuses.
    /// </summary>
    public bool WakeBy(long due, long now)
    {
        if (_setFor <= now)
        {
            // That one has gone off.
            _setFor = NothingSet;
        }

        if (due >= _setFor)
        {
            return true;
        }

        _setFor = due;
        return TimerCalls.Set(_timer, (due - now) * NanosecondsPerTick).IsOk;
    }

    public void Dispose() => PipeCalls.Close(_timer);
}

namespace Portunus.Tests.Kit;

/// <summary>A clock with one timer that fires when the test says so.</summary>
internal sealed class TickedClock : TimeProvider
{
    private TimerCallback? _callback;
    private object? _state;

    /// <summary>What the last timer was asked for.</summary>
    public TimeSpan? Period { get; private set; }

    public void Tick() => _callback?.Invoke(_state);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        (_callback, _state, Period) = (callback, state, period);
        return new Timer(this);
    }

    private sealed class Timer(TickedClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => clock._callback = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}

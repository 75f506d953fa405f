namespace Portunus.Tests.Kit;

/// <summary>The system's clock as if somebody had set it: the time of day jumps, timers and timestamps go on as they did (clock_settime(2)).</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ticks;

    /// <summary>How far the time of day is from the system's.</summary>
    public TimeSpan Shift
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
        set => Interlocked.Exchange(ref _ticks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
}

namespace Portunus.Tests.Kit;

/// <summary>
/// A clock that moves only when told. Its timestamps run at an odd frequency, so that confusing them with ticks shows.
/// Timers that fall due are called by whoever moves it, in the order of their times.
/// </summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ClockTimer> _timers = [];
    private TimeSpan _now = TimeSpan.FromDays(1);

    public override long TimestampFrequency => 7_000_000;

    /// <summary>How long until the next timer; null without any.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            lock (_gate)
            {
                return _timers.Min(timer => timer.Due) - _now;
            }
        }
    }

    /// <summary>Timers that fall due within <paramref name="most"/>, but not sooner than <paramref name="longerThan"/>.</summary>
    public int CountDueWithin(TimeSpan most, TimeSpan longerThan)
    {
        lock (_gate)
        {
            return _timers.Count(timer => timer.Due > _now + longerThan && timer.Due <= _now + most);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return DateTimeOffset.UnixEpoch + _now;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.Ticks * 7 / 10;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ClockTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan until;
        lock (_gate)
        {
            until = _now + by;
        }

        while (true)
        {
            ClockTimer? next;
            lock (_gate)
            {
                next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
                _now = next?.Due is { } due && due > _now ? due : _now;
                if (next is null)
                {
                    _now = until;
                    return;
                }

                next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : null;
                if (next.Due is null)
                {
                    _timers.Remove(next);
                }
            }

            next.Call();
        }
    }

    private sealed class ClockTimer : ITimer
    {
        private readonly TestClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;

        public ClockTimer(TestClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _callback = callback;
            _state = state;
        }

        public TimeSpan? Due { get; set; }

        public TimeSpan Period { get; private set; }

        public void Call() => _callback(_state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_clock._gate)
            {
                _clock._timers.Remove(this);
                Period = period;
                Due = dueTime < TimeSpan.Zero ? null : _clock._now + dueTime;
                if (Due is not null)
                {
                    _clock._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

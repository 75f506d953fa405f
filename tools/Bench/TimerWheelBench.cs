using BenchmarkDotNet.Attributes;
using Portunus.Edge.Loop;

namespace Portunus.Bench;

/// <summary>What a loop with many armed timers pays to push one forward, and for a wake in which nothing is due.</summary>
[MemoryDiagnoser]
public class TimerWheelBench
{
    private const int Armed = 10_000;
    private readonly TimerWheel _wheel = new(0);
    private readonly Sleeper[] _sleepers = [.. Enumerable.Range(0, Armed).Select(_ => new Sleeper())];
    private long _now;
    private int _next;

    [GlobalSetup]
    public void Arm()
    {
        foreach (var sleeper in _sleepers)
        {
            _wheel.Arm(sleeper.Timer, _now, TimeSpan.TicksPerHour);
        }
    }

    [Benchmark]
    public void Rearm()
    {
        var timer = _sleepers[_next = (_next + 1) % Armed].Timer;
        _wheel.Disarm(timer);
        _wheel.Arm(timer, _now, TimeSpan.TicksPerHour);
    }

    [Benchmark]
    public void DueAtOnce()
    {
        var timer = _sleepers[0].Timer;
        _wheel.Disarm(timer);
        _wheel.Arm(timer, _now, TimerWheel.Resolution);
        _wheel.Advance(_now += 2 * TimerWheel.Resolution, static (_, error) => throw error);
    }

    [Benchmark]
    public long NextDue() => _wheel.NextDue();

    private sealed class Sleeper : ITimed
    {
        public Sleeper() => Timer = new LoopTimer(this);

        public LoopTimer Timer { get; }

        public void TimerDue(LoopTimer timer, long now) => GC.KeepAlive(timer);

        public void Fault(Exception error) => throw error;
    }
}

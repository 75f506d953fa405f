using Portunus.Edge.Loop;

namespace Portunus.Tests.Edge.Loop;

public sealed class TimerWheelTests
{
    private const long Ms = TimeSpan.TicksPerMillisecond;

    [Fact]
    public void Advance_RandomTimersOverHours_EachIsDueOnceAndNeverEarly()
    {
        var random = new Random(17);
        var now = 1_234_567L * Ms;
        var wheel = new TimerWheel(now);
        var armed = new List<Alarm>();
        for (var i = 0; i < 2000; i++)
        {
            var delay = (long)Math.Pow(10, random.NextDouble() * 7) * Ms;
            var alarm = new Alarm(now + delay);
            wheel.Arm(alarm.Timer, now, delay);
            armed.Add(alarm);
        }

        while (wheel.Count > 0)
        {
            // A millisecond late, as a kernel timer may be.
            now = Math.Max(now, wheel.NextDue()) + Ms;
            wheel.Advance(now, Fail);
        }

        Assert.All(armed, alarm =>
        {
            Assert.Equal(1, alarm.Calls);
            Assert.InRange(alarm.CalledAt - alarm.Due, 0, TimerWheel.Resolution + Ms);
        });
    }

    [Fact]
    public void NextDue_NothingArmed_IsNever() => Assert.Equal(long.MaxValue, new TimerWheel(0).NextDue());

    [Fact]
    public void Disarm_BeforeDue_IsNeverCalled()
    {
        var wheel = new TimerWheel(0);
        var alarm = new Alarm(0);
        wheel.Arm(alarm.Timer, 0, 20 * Ms);
        Assert.True(alarm.Timer.IsArmed);
        wheel.Disarm(alarm.Timer);
        wheel.Advance(100 * Ms, Fail);
        Assert.Equal(0, alarm.Calls);
        Assert.Equal(0, wheel.Count);
        Assert.Equal(long.MaxValue, wheel.NextDue());
    }

    [Fact]
    public void Arm_Twice_TheLaterWins()
    {
        var wheel = new TimerWheel(0);
        var alarm = new Alarm(500 * Ms);
        wheel.Arm(alarm.Timer, 0, 20 * Ms);
        wheel.Arm(alarm.Timer, 0, 500 * Ms);
        wheel.Advance(400 * Ms, Fail);
        Assert.Equal(0, alarm.Calls);
        wheel.Advance(600 * Ms, Fail);
        Assert.Equal(1, alarm.Calls);
    }

    [Fact]
    public void Advance_TimerArmsItselfAgain_RunsOnWithoutEnd()
    {
        var wheel = new TimerWheel(0);
        var alarm = new Alarm(0);
        alarm.Again = now => wheel.Arm(alarm.Timer, now, 10 * Ms);
        wheel.Arm(alarm.Timer, 0, 10 * Ms);
        for (var now = 0L; now < 1000 * Ms; now += 5 * Ms)
        {
            wheel.Advance(now, Fail);
        }

        Assert.InRange(alarm.Calls, 60, 100);
    }

    [Fact]
    public void Advance_AfterLongSilence_CatchesUpInOneStep()
    {
        var wheel = new TimerWheel(0);
        wheel.Advance(TimeSpan.FromDays(30).Ticks, Fail);
        var alarm = new Alarm(0);
        wheel.Arm(alarm.Timer, TimeSpan.FromDays(30).Ticks, 10 * Ms);
        wheel.Advance(TimeSpan.FromDays(30).Ticks + (20 * Ms), Fail);
        Assert.Equal(1, alarm.Calls);
    }

    [Fact]
    public void Advance_TimerThrows_OthersStillRun()
    {
        var wheel = new TimerWheel(0);
        var broken = new Alarm(0) { Again = _ => throw new InvalidOperationException("broken") };
        var fine = new Alarm(0);
        wheel.Arm(broken.Timer, 0, 10 * Ms);
        wheel.Arm(fine.Timer, 0, 10 * Ms);
        var faults = 0;
        wheel.Advance(50 * Ms, (_, _) => faults++);
        Assert.Equal(1, faults);
        Assert.Equal(1, fine.Calls);
    }

    private static void Fail(ITimed owner, Exception error) => throw error;

    private sealed class Alarm : ITimed
    {
        public Alarm(long due)
        {
            Due = due;
            Timer = new LoopTimer(this);
        }

        public LoopTimer Timer { get; }

        public long Due { get; }

        public long CalledAt { get; private set; }

        public int Calls { get; private set; }

        public Action<long>? Again { get; set; }

        public void TimerDue(LoopTimer timer, long now)
        {
            CalledAt = now;
            Calls++;
            Again?.Invoke(now);
        }

        public void Fault(Exception error) => throw error;
    }
}

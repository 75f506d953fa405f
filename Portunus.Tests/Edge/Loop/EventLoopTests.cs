using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Loop;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Loop;

public sealed class EventLoopTests
{
    [Fact]
    public async Task Mailbox_ManyPosters_EveryLetterArrivesOnce()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        var box = new Counter();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(poster => Task.Run(() =>
        {
            for (var i = 0; i < 50_000; i++)
            {
                Assert.True(loop.Mailbox.Post(new Letter(box, (poster * 50_000L) + i, default)));
            }
        })));
        await Eventually.Equals(200_000L, () => Volatile.Read(ref box.Count), "all letters arrive");
        Assert.Equal(200_000L * 199_999 / 2, Volatile.Read(ref box.Sum));
    }

    [Fact]
    public async Task RunAsync_OneLetterAtATime_WakesASleepingLoopEachTime()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        for (var i = 0; i < 2000; i++)
        {
            await Eventually.Within(loop.RunAsync(() => { }));
        }
    }

    [Fact]
    public async Task RunAsync_ActionThrows_CallerHearsOfItAndTheLoopGoesOn()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        await Assert.ThrowsAsync<InvalidOperationException>(() => loop.RunAsync(() => throw new InvalidOperationException("once")));
        await Eventually.Within(loop.RunAsync(() => { }));
    }

    [Fact]
    public async Task RunAsync_AfterDispose_FailsAtOnce()
    {
        var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        loop.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => loop.RunAsync(() => { }));
    }

    [Fact]
    public async Task Timers_Armed_WakeASleepingLoop()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        var alarm = new Alarm();
        await loop.RunAsync(() => loop.Timers.Arm(alarm.Timer, LoopClock.Now, 30 * TimeSpan.TicksPerMillisecond));
        await Eventually.Within(alarm.Rung.Task);
    }

    [Fact]
    public async Task Timers_EarlierOneArmedLater_WakesASleepingLoopForIt()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        var late = new Alarm();
        await loop.RunAsync(() => loop.Timers.Arm(late.Timer, LoopClock.Now, 600 * TimeSpan.TicksPerSecond));
        for (var i = 0; i < 20; i++)
        {
            var soon = new Alarm();
            await loop.RunAsync(() => loop.Timers.Arm(soon.Timer, LoopClock.Now, TimeSpan.TicksPerMillisecond));
            await Eventually.Within(soon.Rung.Task);
        }

        Assert.False(late.Rung.Task.IsCompleted);
    }

    [Fact]
    public async Task Timers_DisarmedBeforeASleep_TheNextOneStillRings()
    {
        using var loop = new EventLoop(0, NullLogger<EventLoop>.Instance);
        loop.Start();
        var never = new Alarm();
        var rings = new Alarm();
        await loop.RunAsync(() => loop.Timers.Arm(never.Timer, LoopClock.Now, 10 * TimeSpan.TicksPerMillisecond));
        await loop.RunAsync(() => loop.Timers.Disarm(never.Timer));
        await loop.RunAsync(() => loop.Timers.Arm(rings.Timer, LoopClock.Now, 40 * TimeSpan.TicksPerMillisecond));
        await Eventually.Within(rings.Rung.Task);
        Assert.False(never.Rung.Task.IsCompleted);
    }

    private sealed class Counter : ILetterbox
    {
        public long Count;
        public long Sum;

        public void Receive(in Letter letter, long now)
        {
            Sum += letter.Number;
            Volatile.Write(ref Count, Count + 1);
        }

        public void Fault(Exception error) => throw error;
    }

    private sealed class Alarm : ITimed
    {
        public Alarm() => Timer = new LoopTimer(this);

        public LoopTimer Timer { get; }

        public TaskCompletionSource Rung { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void TimerDue(LoopTimer timer, long now) => Rung.TrySetResult();

        public void Fault(Exception error) => Rung.TrySetException(error);
    }
}

using System.Security.Cryptography;
using Portunus.Edge.Loop;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>
/// Bytes per second, by what was delivered over the engine's own time. Never more than burst and rate allow is a hard bound;
/// how much less depends on the machine, so that bound is loose.
/// </summary>
public sealed class BandwidthTests
{
    [Theory]
    [InlineData(true, 10)]
    [InlineData(false, 10)]
    [InlineData(true, 1)]
    [InlineData(false, 100)]
    public async Task Cap_OneBulkFlow_DeliversBurstAndRateAndNoMore(bool isIn, int burstHundredths)
    {
        const long Rate = 20_000_000;
        var burst = Rate * burstHundredths / 100;
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("capped", target.Port) with { Limits = Cap(isIn, Rate, burst) };
        var start = LoopClock.Now;
        await engine.PutAsync(rule);
        await using var stream = await Stream.OpenAsync(rule, target, isIn);

        await Eventually.Holds(() => Delivered(engine, isIn) >= burst + (Rate / 2), "the burst is spent");
        var from = LoopClock.Now;
        var before = Delivered(engine, isIn);
        Assert.True(before <= burst + Tokens(Rate, start), "more than burst and rate");
        await Eventually.Holds(() => LoopClock.Now - from > 2 * TimeSpan.TicksPerSecond, "two seconds pass");
        var passed = Delivered(engine, isIn) - before;
        var ideal = Tokens(Rate, from);
        Assert.True(Delivered(engine, isIn) <= burst + Tokens(Rate, start), "more than burst and rate");
        Assert.True(passed <= (ideal * 1.02) + Math.Min(burst, Rate / 20), $"{passed} of {ideal} bytes: too fast");
        // A bucket of 10 ms overflows whenever the machine is busy for longer.
        Assert.True(passed >= ideal * (burstHundredths > 1 ? 0.6 : 0.2), $"{passed} of {ideal} bytes: too slow");
        Assert.True(Throttles(engine, isIn) > 0);
        Assert.Equal(0, Throttles(engine, !isIn));
    }

    [Fact]
    public async Task Cap_OneBytePerSecond_EachByteArrivesAndThenTheEnd()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("drops", target.Port) with { Limits = Cap(isIn: true, 1, 1) };
        var start = LoopClock.Now;
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        await down.SendAsync("abc"u8.ToArray());
        down.EndSending();
        Assert.Equal("abc"u8.ToArray(), await (await target.AcceptedAsync()).ReceiveToEndAsync());
        Assert.True(LoopClock.Now - start >= 2 * TimeSpan.TicksPerSecond, "three bytes came in under two seconds");
    }

    [Fact]
    public async Task Cap_RaisedOnALiveFlow_HoldsAtOnceAndMintsNoBurst()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("raised", target.Port) with { Limits = Cap(isIn: true, 50_000, 50_000) };
        await engine.PutAsync(rule);
        await using var stream = await Stream.OpenAsync(rule, target, isIn: true);
        await Eventually.Holds(() => Delivered(engine, true) > 60_000, "the burst is spent");

        var from = LoopClock.Now;
        var before = Delivered(engine, true);
        await engine.PutAsync(rule with { Limits = Cap(isIn: true, 1_000_000, 60_000_000) });
        await Eventually.Holds(() => Delivered(engine, true) - before > 1_000_000, "the new rate holds");
        // What the old bucket held goes over: it was empty but for a pause's worth.
        Assert.True(Delivered(engine, true) - before <= Tokens(1_000_000, from) + 50_000, "the change minted a burst");
    }

    [Fact]
    public async Task Cap_RemovedWhileAFlowWaitsForItsNextByte_FlowGoesOnAtOnce()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("freed", target.Port) with { Limits = Cap(isIn: true, 1, 1) };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var sent = RandomNumberGenerator.GetBytes(2_000_000);
        var sending = down.SendAsync(sent);
        await Eventually.Holds(() => engine.Sample("freed").ThrottlesIn > 0, "the flow waits");
        await engine.PutAsync(rule with { Limits = null });
        var up = await target.AcceptedAsync();
        Assert.Equal(sent, await up.ReceiveAsync(sent.Length));
        await sending;
    }

    [Fact]
    public async Task Cap_SetOnALiveFlow_SlowsItDown()
    {
        const long Rate = 100_000;
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("slowed", target.Port);
        await engine.PutAsync(rule);
        await using var stream = await Stream.OpenAsync(rule, target, isIn: true);
        await Eventually.Holds(() => Delivered(engine, true) > 10_000_000, "the flow runs");

        await engine.PutAsync(rule with { Limits = Cap(isIn: true, Rate, Rate) });
        var from = LoopClock.Now;
        var before = Delivered(engine, true);
        await Eventually.Holds(() => LoopClock.Now - from > TimeSpan.TicksPerSecond, "a second passes");
        // At most one pipe's worth had been read already when the limit came, and it came without a burst.
        Assert.InRange(Delivered(engine, true) - before, 1, Tokens(Rate, from) + (1024 * 1024));
    }

    [Fact]
    public async Task Cap_CappedAndUncappedRuleOnOneLoop_UncappedRunsFree()
    {
        const long Rate = 1_000_000;
        await using var target = new LoopbackTarget();
        await using var free = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 1);
        var capped = RunningEngine.Rule("capped", target.Port) with { Limits = Cap(isIn: true, Rate, Rate / 10) };
        var uncapped = RunningEngine.Rule("free", free.Port);
        var start = LoopClock.Now;
        await engine.PutAsync(capped);
        await engine.PutAsync(uncapped);
        await using var stream = await Stream.OpenAsync(capped, target, isIn: true);

        using var peer = await Peer.ConnectAsync(Port(uncapped));
        for (var round = 0; round < 10; round++)
        {
            var sent = RandomNumberGenerator.GetBytes(5_000_000);
            var back = peer.ReceiveAsync(sent.Length);
            await peer.SendAsync(sent);
            Assert.Equal(sent, await back);
        }

        Assert.True(Delivered(engine, true) <= (Rate / 10) + Tokens(Rate, start));
        Assert.Equal(0, engine.Sample("free").ThrottlesIn + engine.Sample("free").ThrottlesOut);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Cap_TwoFlowsOfOneRule_ShareItAndBothMove(int loops)
    {
        const long Rate = 2_000_000;
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine(loops);
        var rule = RunningEngine.Rule("capped", target.Port) with { Limits = Cap(isIn: true, Rate, Rate / 20) };
        var start = LoopClock.Now;
        await engine.PutAsync(rule);
        await using var one = await Stream.OpenAsync(rule, target, isIn: true);
        await using var two = await Stream.OpenAsync(rule, target, isIn: true);

        await Eventually.Holds(() => Delivered(engine, true) > 3 * Rate, "three seconds' worth passes");
        var total = Delivered(engine, true);
        Assert.True(total <= (Rate / 20) + Tokens(Rate, start), "together they had more than the rule");
        Assert.InRange((double)one.Received / (one.Received + two.Received), 0.25, 0.75);
    }

    [Fact]
    public async Task Cap_OwnersOverTwoRules_HoldsForTheirSum()
    {
        const long Rate = 2_000_000;
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var owner = AccountId.New();
        var first = RunningEngine.Rule("capped", target.Port);
        var second = RunningEngine.Rule("second", target.Port);
        var start = LoopClock.Now;
        await engine.LimitOwnerAsync(owner, Cap(isIn: true, Rate, Rate / 20));
        await engine.PutAsync(first, owner: owner);
        await engine.PutAsync(second, owner: owner);
        await using var one = await Stream.OpenAsync(first, target, isIn: true);
        await using var two = await Stream.OpenAsync(second, target, isIn: true);

        var sum = 0L;
        await Eventually.Holds(
            () => (sum = Delivered(engine, true) + engine.Sample("second").Traffic.BytesIn) > 3 * Rate, "three seconds' worth passes");
        Assert.True(sum <= (Rate / 20) + Tokens(Rate, start), "together they had more than the owner");
        Assert.InRange((double)one.Received / (one.Received + two.Received), 0.25, 0.75);
    }

    [Fact]
    public async Task Cap_HalfCloseWhileBytesWait_EverythingArrivesThenTheEndAndTheAnswerComesBack()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("half", target.Port) with
        {
            Limits = new LimitSpec { BytesPerSecondIn = 1_000_000, BurstBytesIn = 10_000, BytesPerSecondOut = 1_000_000, BurstBytesOut = 10_000 },
        };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var sent = RandomNumberGenerator.GetBytes(700_001);
        await down.SendAsync(sent);
        down.EndSending();
        Assert.Equal(sent, await up.ReceiveToEndAsync());

        await up.SendAsync(sent);
        up.EndSending();
        Assert.Equal(sent, await down.ReceiveToEndAsync());
        await Eventually.Equals(1L, () => engine.Ends("half", FlowEnd.Completed), "the flow completes");
        Assert.Equal(new TrafficCount(sent.Length, sent.Length, 1, 0), engine.Sample("half").Traffic);
    }

    [Fact]
    public async Task Cap_DownstreamResetsWhileItsBytesWaitForTokens_UpstreamIsReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("reset", target.Port) with { Limits = Cap(isIn: true, 1_000, 1_000) };
        await engine.PutAsync(rule);
        var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        await down.SendAsync(new byte[100_000]);
        await Eventually.Holds(() => engine.Sample("reset").ThrottlesIn > 0, "the flow waits");
        down.Reset();
        await up.ReceiveToResetAsync();
        await Eventually.Equals(1L, () => engine.Ends("reset", FlowEnd.DownstreamReset), "the flow ends as reset");
    }

    [Fact]
    public async Task Cap_FlowThatWaitsForTokensLongerThanTheIdleTime_IsNotSilent()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("patient", target.Port) with { Limits = Cap(isIn: true, 1, 1), IdleSeconds = 1 };
        await engine.PutAsync(rule);
        using var one = await Peer.ConnectAsync(Port(rule));
        using var two = await Peer.ConnectAsync(Port(rule));
        foreach (var down in new[] { one, two })
        {
            await down.SendAsync("abc"u8.ToArray());
            down.EndSending();
        }

        // Two flows share a byte a second, so each waits about two seconds between its bytes.
        var first = (await target.AcceptedAsync()).ReceiveToEndAsync();
        var second = (await target.AcceptedAsync()).ReceiveToEndAsync();
        Assert.Equal("abc"u8.ToArray(), await first);
        Assert.Equal("abc"u8.ToArray(), await second);
    }

    private static LimitSpec Cap(bool isIn, long rate, long burst) => isIn
        ? new LimitSpec { BytesPerSecondIn = rate, BurstBytesIn = burst }
        : new LimitSpec { BytesPerSecondOut = rate, BurstBytesOut = burst };

    private static long Delivered(RunningEngine engine, bool isIn) => Way(engine.Engine.Read().Rules[0].Traffic, isIn);

    private static long Way(TrafficCount traffic, bool isIn) => isIn ? traffic.BytesIn : traffic.BytesOut;

    private static long Throttles(RunningEngine engine, bool isIn) =>
        isIn ? engine.Engine.Read().Rules[0].ThrottlesIn : engine.Engine.Read().Rules[0].ThrottlesOut;

    /// <summary>What a rate has given since, rounded up.</summary>
    private static long Tokens(long rate, long since) => (long)Math.Ceiling((double)rate * (LoopClock.Now - since) / TimeSpan.TicksPerSecond);

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    /// <summary>One side pours, the other takes everything it is given.</summary>
    private sealed class Stream : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Peer _from;
        private readonly Peer _to;
        private readonly Task _pouring;
        private readonly Task _taking;
        private long _received;

        private Stream(Peer from, Peer to)
        {
            _from = from;
            _to = to;
            _pouring = from.PourAsync(_stop.Token);
            _taking = TakeAsync();
        }

        public long Received => Interlocked.Read(ref _received);

        public static async Task<Stream> OpenAsync(RuleSpec rule, LoopbackTarget target, bool isIn)
        {
            var down = await Peer.ConnectAsync(Port(rule));
            var up = await target.AcceptedAsync();
            return isIn ? new Stream(down, up) : new Stream(up, down);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _pouring;
            _from.Reset();
            _to.Reset();
            await _taking;
            _stop.Dispose();
        }

        private async Task TakeAsync()
        {
            var block = new byte[128 * 1024];
            try
            {
                int received;
                while ((received = await _to.Socket.ReceiveAsync(block)) > 0)
                {
                    Interlocked.Add(ref _received, received);
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
                // Reset by the flow's end.
            }
            catch (ObjectDisposedException)
            {
                // Ended by the test.
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Peers and targets that misbehave, and what the other side and the counters make of it.</summary>
public sealed class RelayFaultTests
{
    [Fact]
    public async Task Relay_BothSidesSendMuchAndHalfClose_BothHaveEverything()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("both", target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var (question, answer) = (RandomNumberGenerator.GetBytes(12_000_007), RandomNumberGenerator.GetBytes(9_000_011));
        var (gotUp, gotDown) = (up.ReceiveToEndAsync(), down.ReceiveToEndAsync());
        await Task.WhenAll(SendAndEndAsync(down, question), SendAndEndAsync(up, answer));
        Assert.Equal(question, await gotUp);
        Assert.Equal(answer, await gotDown);
        await Eventually.Equals(1L, () => engine.Ends("both", FlowEnd.Completed), "the flow completes");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_ResetBehindMuchData_SlowReaderGetsWhatWasReadAndThenTheReset(bool downResets)
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("reset", target.Port);
        await engine.PutAsync(rule);
        var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var (from, to) = downResets ? (down, up) : (up, down);
        var sent = RandomNumberGenerator.GetBytes(2_000_000);
        await from.SendAsync(sent);
        await Eventually.Holds(() => Way(engine, downResets) > 0, "the relay has begun");
        from.Reset();
        var relayed = Way(engine, downResets);

        var got = await to.ReceiveToResetAsync();
        Assert.InRange(got.Length, relayed, sent.Length);
        Assert.Equal(sent[..got.Length], got);
        await Eventually.Equals(
            1L, () => engine.Ends("reset", downResets ? FlowEnd.DownstreamReset : FlowEnd.UpstreamReset), "the flow ends as reset");
        Assert.Equal(got.Length, Way(engine, downResets));
    }

    [Fact]
    public async Task Relay_TargetResetsAtOnce_DownstreamIsResetAndTheEndIsCounted()
    {
        await using var target = new LoopbackTarget(peer =>
        {
            peer.Reset();
            return Task.CompletedTask;
        });
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("rude", target.Port);
        await engine.PutAsync(rule);
        for (var i = 0; i < 20; i++)
        {
            Assert.False(await Peer.IsServedAsync(Port(rule)));
        }

        await Eventually.Equals(20L, () => engine.Sample("rude").Ends.Values.Sum(), "all flows end");
        Assert.All(engine.Sample("rude").Ends.Keys, reason => Assert.Contains(reason, new[] { FlowEnd.UpstreamReset, FlowEnd.NoTarget }));
    }

    [Fact]
    public async Task Relay_DownstreamClosesWithoutReadingTheAnswer_TargetLearnsOfIt()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);
        var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        using var stop = new CancellationTokenSource();
        var pouring = up.PourAsync(stop.Token);
        await Eventually.Holds(() => engine.Sample("gone").Traffic.BytesOut > 1_000_000, "the answer runs");
        down.Dispose();
        // With bytes unread a close is a reset, and the target's next sends fail.
        await Eventually.Within(pouring);
        await Eventually.Equals(1L, () => engine.Ends("gone", FlowEnd.DownstreamReset), "the flow ends");
    }

    [Fact]
    public async Task Relay_ManySinksReadNothing_MemoryHeldIsBoundedByThePipes()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 8192);
        await using var engine = new RunningEngine(loops: 1);
        var rule = RunningEngine.Rule("stuck", target.Port);
        await engine.PutAsync(rule);
        using var stop = new CancellationTokenSource();
        var peers = new List<(Peer Peer, Task<long> Sent)>();
        for (var i = 0; i < 8; i++)
        {
            var peer = await Peer.ConnectAsync(Port(rule));
            peers.Add((peer, peer.PourAsync(stop.Token)));
        }

        var last = -1L;
        await Eventually.Holds(
            () =>
            {
                var now = engine.Sample("stuck").Traffic.BytesIn;
                (var still, last) = (now == last && now > 0, now);
                return still && Quiet.For(200);
            },
            "nothing moves any more");
        await stop.CancelAsync();
        var sent = 0L;
        foreach (var (peer, sending) in peers)
        {
            sent += await sending;
            peer.Dispose();
        }

        // Two pairs of socket buffers (tcp_rmem and tcp_wmem at most) and one large pipe for each flow.
        Assert.InRange(sent / peers.Count, 1, 24 * 1024 * 1024);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Relay_UrgentData_DoesNotStopWhatFollows(bool capped)
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("urgent", target.Port) with { Limits = capped ? new LimitSpec { BytesPerSecondIn = 100_000_000 } : null };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        // Enough before it to have the relay splice.
        var bulk = RandomNumberGenerator.GetBytes(3_000_000);
        var receiving = up.ReceiveToEndAsync();
        await down.SendAsync(bulk);
        await down.Socket.SendAsync("!"u8.ToArray(), SocketFlags.OutOfBand);
        var more = RandomNumberGenerator.GetBytes(3_000_000);
        await SendAndEndAsync(down, more);

        // The urgent byte is out of band: it is not passed on, and nothing else is lost.
        var got = await receiving;
        Assert.Equal([.. bulk, .. more], got);
    }

    [Fact]
    public async Task Relay_UrgentDataWithTheEndBehindIt_WhatLiesBetweenArrives()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        // So slow that everything, the FIN included, lies in the edge's receive queue before it comes to the urgent byte.
        var rule = RunningEngine.Rule("urgent", target.Port) with { Limits = new LimitSpec { BytesPerSecondIn = 50_000, BurstBytesIn = 500 } };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var (before, after) = (RandomNumberGenerator.GetBytes(20_000), RandomNumberGenerator.GetBytes(5_000));
        await down.SendAsync(before);
        await down.Socket.SendAsync("!"u8.ToArray(), SocketFlags.OutOfBand);
        await SendAndEndAsync(down, after);
        var got = await (await target.AcceptedAsync()).ReceiveToEndAsync();
        Assert.Equal([.. before, .. after], got);
    }

    [Fact]
    public async Task Relay_FlowCutWithBytesInItsPipe_NoOtherFlowGetsThem()
    {
        await using var stuck = new LoopbackTarget(receiveBuffer: 8192);
        await using var echo = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 1);
        var secret = RunningEngine.Rule("secret", stuck.Port);
        var open = RunningEngine.Rule("open", echo.Port);
        await engine.PutAsync(secret);
        await engine.PutAsync(open);
        for (var round = 0; round < 5; round++)
        {
            using var stop = new CancellationTokenSource();
            var down = await Peer.ConnectAsync(Port(secret));
            var up = await stuck.AcceptedAsync();
            var pouring = down.PourAsync(stop.Token);
            await Eventually.Holds(() => engine.Sample("secret").Traffic.BytesIn > 0 && Quiet.For(100), "bytes wait in a pipe");
            await stop.CancelAsync();
            await pouring;
            up.Reset();
            down.Dispose();
            await Eventually.Equals(0L, () => engine.Sample("secret").Traffic.FlowsActive, "the flow has ended");

            using var peer = await Peer.ConnectAsync(Port(open));
            var sent = new byte[2_000_000];
            Array.Fill(sent, (byte)0xA5);
            var back = peer.ReceiveAsync(sent.Length);
            await peer.SendAsync(sent);
            Assert.Equal(sent, await back);
        }
    }

    [Fact]
    public async Task Relay_BulkOnTheSameLoop_SmallExchangesGoOn()
    {
        await using var sink = new LoopbackTarget();
        await using var echo = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 1);
        var bulk = RunningEngine.Rule("bulk", sink.Port);
        var small = RunningEngine.Rule("small", echo.Port);
        await engine.PutAsync(bulk);
        await engine.PutAsync(small);
        using var stop = new CancellationTokenSource();
        using var down = await Peer.ConnectAsync(Port(bulk));
        var pouring = down.PourAsync(stop.Token);
        var up = await sink.AcceptedAsync();
        var discarding = up.DiscardAsync();

        using var peer = await Peer.ConnectAsync(Port(small));
        for (var round = 0; round < 300; round++)
        {
            Assert.True(await peer.EchoesAsync());
        }

        Assert.False(pouring.IsCompleted);
        Assert.True(engine.Sample("bulk").Traffic.BytesIn > 1_000_000, "there was no bulk to compete with");
        await stop.CancelAsync();
        await pouring;
        down.Reset();
        await discarding;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Relay_StormOfRandomBehaviours_EveryFlowEndsOnceForOneReason(int seed)
    {
        var behaviours = new Random(seed);
        await using var target = new LoopbackTarget(peer => BehaveAsync(peer, Next(behaviours)));
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("storm", target.Port) with { Limits = new LimitSpec { ConcurrentFlows = 40 }, Deny = ["127.0.0.9"] };
        await engine.PutAsync(rule);
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 60 }, async (number, _) =>
        {
            var random = new Random((seed * 1000) + number);
            try
            {
                using var peer = await Peer.ConnectAsync(Port(rule), from: number % 17 == 0 ? IPAddress.Parse("127.0.0.9") : null);
                await BehaveAsync(peer, random);
            }
            catch (SocketException)
            {
                // Whatever the other side chose; the counters are what is looked at.
            }
            catch (TimeoutException)
            {
                // Both sides waited for each other: closed by now.
            }
        });

        await Eventually.Equals(0L, () => engine.Engine.Read().Vitals.FlowsActive, "all flows end");
        await Eventually.Holds(
            () =>
            {
                var sample = engine.Sample("storm");
                return sample.Accepted == 400 && sample.Ends.Values.Sum() == 400;
            },
            $"each of 400 connections has one end: {engine.Sample("storm").Accepted} accepted, {string.Join(", ", engine.Sample("storm").Ends)}");
        var end = engine.Sample("storm");
        Assert.Equal(0, end.Traffic.FlowsActive);
        Assert.Equal(0, end.Ends.GetValueOrDefault(FlowEnd.Fault));
        Assert.True(end.Ends[FlowEnd.Denied] > 0);
    }

    private static Random Next(Random behaviours)
    {
        lock (behaviours)
        {
            return new Random(behaviours.Next());
        }
    }

    private static async Task BehaveAsync(Peer peer, Random random)
    {
        var buffer = new byte[1 + random.Next(300_000)];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        for (var step = random.Next(4); step >= 0; step--)
        {
            switch (random.Next(6))
            {
                case 0:
                    peer.Reset();
                    return;
                case 1:
                    peer.EndSending();
                    await DrainAsync(peer, buffer, patience.Token);
                    return;
                case 2:
                    peer.Dispose();
                    return;
                case 3:
                    await peer.Socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token).AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
                default:
                    await peer.Socket.SendAsync(buffer, SocketFlags.None, patience.Token).AsTask().ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
            }
        }

        peer.Dispose();
    }

    private static async Task DrainAsync(Peer peer, byte[] buffer, CancellationToken patience)
    {
        try
        {
            while (await peer.Socket.ReceiveAsync(buffer, SocketFlags.None, patience) > 0)
            {
            }
        }
        catch (OperationCanceledException)
        {
            // The other side says nothing more and does not end.
        }

        peer.Dispose();
    }

    private static async Task SendAndEndAsync(Peer peer, byte[] bytes)
    {
        await peer.SendAsync(bytes);
        peer.EndSending();
    }

    private static long Way(RunningEngine engine, bool isIn)
    {
        var traffic = engine.Engine.Read().Rules[0].Traffic;
        return isIn ? traffic.BytesIn : traffic.BytesOut;
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    /// <summary>Whether this many milliseconds have passed since the last different question.</summary>
    private static class Quiet
    {
        public static bool For(int milliseconds) => !SpinWait.SpinUntil(() => false, milliseconds);
    }
}

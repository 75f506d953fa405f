using System.Net;
using System.Security.Cryptography;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Bytes through one rule, end to end over real sockets.</summary>
public sealed class TcpRelayTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1448)]
    [InlineData(65536)]
    [InlineData(3_000_001)]
    public async Task Relay_AnySize_ArrivesIntactBothWays(int size)
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("echo", target.Port);
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);

        var sent = RandomNumberGenerator.GetBytes(size);
        using var peer = await Peer.ConnectAsync(Port(rule));
        var back = peer.ReceiveAsync(size);
        await peer.SendAsync(sent);
        Assert.Equal(sent, await back);

        peer.EndSending();
        Assert.Empty(await peer.ReceiveToEndAsync());
        await Eventually.Equals(1L, () => engine.Ends("echo", FlowEnd.Completed), "the flow completes");
        var sample = engine.Sample("echo");
        Assert.Equal(new TrafficCount(size, size, 1, 0), sample.Traffic);
        Assert.Equal(1, sample.Accepted);
    }

    [Fact]
    public async Task Relay_DownstreamHalfCloses_TargetStillAnswers()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("half", target.Port);
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        await down.SendAsync("question"u8.ToArray());
        down.EndSending();
        var up = await target.AcceptedAsync();
        Assert.Equal("question"u8.ToArray(), await up.ReceiveToEndAsync());

        var answer = RandomNumberGenerator.GetBytes(2_000_000);
        var received = down.ReceiveToEndAsync();
        await up.SendAsync(answer);
        up.EndSending();
        Assert.Equal(answer, await received);
        await Eventually.Equals(1L, () => engine.Ends("half", FlowEnd.Completed), "the flow completes");
    }

    [Fact]
    public async Task Relay_UpstreamHalfCloses_DownstreamMaySendOn()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("half", target.Port);
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        up.EndSending();
        Assert.Empty(await down.ReceiveToEndAsync());

        var more = RandomNumberGenerator.GetBytes(2_000_000);
        var received = up.ReceiveToEndAsync();
        await down.SendAsync(more);
        down.EndSending();
        Assert.Equal(more, await received);
    }

    [Fact]
    public async Task Relay_DownstreamResets_UpstreamHasAllBytesAndThenAReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("reset", target.Port);
        await engine.PutAsync(rule);

        var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var sent = RandomNumberGenerator.GetBytes(300_000);
        await down.SendAsync(sent);
        await Eventually.Equals(300_000L, () => engine.Sample("reset").Traffic.BytesIn, "everything is relayed");
        down.Reset();

        Assert.Equal(sent, await up.ReceiveToResetAsync());
        await Eventually.Equals(1L, () => engine.Ends("reset", FlowEnd.DownstreamReset), "the flow ends as reset");
    }

    [Fact]
    public async Task Relay_UpstreamResets_DownstreamHasAllBytesAndThenAReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("reset", target.Port);
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var sent = RandomNumberGenerator.GetBytes(300_000);
        await up.SendAsync(sent);
        await Eventually.Equals(300_000L, () => engine.Sample("reset").Traffic.BytesOut, "everything is relayed");
        up.Reset();

        Assert.Equal(sent, await down.ReceiveToResetAsync());
        await Eventually.Equals(1L, () => engine.Ends("reset", FlowEnd.UpstreamReset), "the flow ends as reset");
    }

    [Fact]
    public async Task Relay_DownstreamResetsWhileTargetDoesNotRead_UpstreamIsResetWithinTheBound()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 8192);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("stuck", target.Port);
        await engine.PutAsync(rule);

        var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        await FillAsync(down);
        down.Reset();

        // The target reads nothing, so what waits cannot be delivered: after five seconds it is reset all the same.
        await Eventually.Equals(1L, () => engine.Ends("stuck", FlowEnd.DownstreamReset), "the flow ends as reset");
        await up.ReceiveToResetAsync();
    }

    [Fact]
    public async Task Relay_SinkReadsNothing_SourceIsHeldBackAndOtherFlowsGoOn()
    {
        await using var stuck = new LoopbackTarget(receiveBuffer: 8192);
        await using var echo = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 1);
        var slow = RunningEngine.Rule("slow", stuck.Port);
        var quick = RunningEngine.Rule("quick", echo.Port);
        await engine.PutAsync(slow);
        await engine.PutAsync(quick);

        using var down = await Peer.ConnectAsync(Port(slow));
        var up = await stuck.AcceptedAsync();
        var filled = await FillAsync(down);

        using var other = await Peer.ConnectAsync(Port(quick));
        var sent = RandomNumberGenerator.GetBytes(1_000_000);
        var back = other.ReceiveAsync(sent.Length);
        await other.SendAsync(sent);
        Assert.Equal(sent, await back);

        // Nothing was lost while it waited.
        down.EndSending();
        Assert.Equal(filled, (await up.ReceiveToEndAsync()).Length);
    }

    [Fact]
    public async Task Relay_ManySmallSegmentsWhileSplicing_NoneIsLeftBehind()
    {
        // 16 slots of a small pipe fill at 16 segments, whatever their size: the tail must still be seen.
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("segments", target.Port);
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        using var expected = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bulk = RandomNumberGenerator.GetBytes(4_000_000);
        var received = up.ReceiveToEndAsync();
        await down.SendAsync(bulk);
        expected.AppendData(bulk);
        for (var i = 0; i < 2000; i++)
        {
            var segment = RandomNumberGenerator.GetBytes(1 + (i * 7 % 1448));
            await down.SendAsync(segment);
            expected.AppendData(segment);
        }

        down.EndSending();
        Assert.Equal(expected.GetHashAndReset(), SHA256.HashData(await received));
    }

    [Fact]
    public async Task Relay_TwoHundredFlows_NoByteReachesAnotherFlow()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("many", target.Port);
        await engine.PutAsync(rule);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            using var peer = await Peer.ConnectAsync(Port(rule));
            for (var round = 0; round < 3; round++)
            {
                var sent = new byte[50_000 + (number * 997)];
                new Random((number * 31) + round).NextBytes(sent);
                var back = peer.ReceiveAsync(sent.Length);
                await peer.SendAsync(sent);
                Assert.Equal(sent, await back);
            }

            peer.EndSending();
            Assert.Empty(await peer.ReceiveToEndAsync());
        }));

        await Eventually.Equals(200L, () => engine.Ends("many", FlowEnd.Completed), "all flows complete");
        var sample = engine.Sample("many");
        Assert.Equal(sample.Traffic.BytesIn, sample.Traffic.BytesOut);
        Assert.Equal(0, sample.Traffic.FlowsActive);
        Assert.Equal(sample.Accepted, sample.Ends.Values.Sum());
    }

    [Fact]
    public async Task Relay_EightLongStreams_LoopsShareThemEvenly()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine(loops: 2);
        var rule = RunningEngine.Rule("even", target.Port);
        await engine.PutAsync(rule);

        var peers = new List<Peer>();
        for (var i = 0; i < 8; i++)
        {
            peers.Add(await Peer.ConnectAsync(Port(rule)));
            await target.AcceptedAsync();
        }

        Assert.Equal([4L, 4L], engine.Engine.Read().Vitals.FlowsPerLoop);
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task Relay_Ipv6AndIpv4_BothReachADualStackRule()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("dual", target.Port) with { ListenAddress = null };
        await engine.PutAsync(rule);

        foreach (var address in new[] { IPAddress.Loopback, IPAddress.IPv6Loopback })
        {
            using var peer = await Peer.ConnectAsync(Port(rule), address);
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), await peer.ReceiveAsync(5));
        }
    }

    [Fact]
    public async Task Relay_SilentBothWays_EndsAsIdleAndATalkingFlowStays()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("idle", target.Port) with { IdleSeconds = 1 };
        await engine.PutAsync(rule);

        using var silent = await Peer.ConnectAsync(Port(rule));
        using var talking = await Peer.ConnectAsync(Port(rule));
        var ended = silent.ReceiveToEndAsync();
        while (!ended.IsCompleted)
        {
            await talking.SendAsync("x"u8.ToArray());
            await talking.ReceiveAsync(1);
        }

        await ended;
        Assert.Equal(1, engine.Ends("idle", FlowEnd.Idle));
        Assert.Equal(1, engine.Sample("idle").Traffic.FlowsActive);
    }

    [Fact]
    public async Task Relay_SilentWhileBytesWait_TargetIsResetAndNotToldThatThisWasAll()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 8192);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("cutoff", target.Port) with { IdleSeconds = 1 };
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        using var stop = new CancellationTokenSource();
        var pouring = down.PourAsync(stop.Token);
        await Eventually.Equals(1L, () => engine.Ends("cutoff", FlowEnd.Idle), "the flow stands still and ends");
        await up.ReceiveToResetAsync();
        await stop.CancelAsync();
        await pouring;
    }

    private static int Port(Portunus.Shared.Rules.RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    /// <summary>Sends until nothing more is taken, and answers how much was.</summary>
    private static async Task<int> FillAsync(Peer peer)
    {
        var chunk = new byte[65536];
        var sent = 0;
        peer.Socket.Blocking = false;
        var quiet = 0;
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (quiet < 10)
        {
            try
            {
                sent += peer.Socket.Send(chunk);
                quiet = 0;
            }
            catch (System.Net.Sockets.SocketException error) when (error.SocketErrorCode == System.Net.Sockets.SocketError.WouldBlock)
            {
                quiet++;
                await look.WaitForNextTickAsync();
            }
        }

        return sent;
    }
}

using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Counters say what arrived, while it arrives, however the flow ends.</summary>
public sealed class CountersTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(50_000_000L)]
    public async Task Count_LongFlow_GrowsWhileItLives(long? cap)
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("live", target.Port) with { Limits = new() { BytesPerSecondIn = cap } };
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        var sent = 0;
        foreach (var size in new[] { 1, 1000, 3_000_000 })
        {
            var sending = peer.SendAsync(new byte[size]);
            await peer.ReceiveAsync(size);
            await sending;
            sent += size;
            await Eventually.Equals(new TrafficCount(sent, sent, 1, 1), () => engine.Sample("live").Traffic, "the rule's count");
        }

        var sample = engine.Sample("live");
        Assert.Equal(sample.Traffic, Assert.Single(sample.Ports).Traffic);
        Assert.Equal(sample.Traffic, Assert.Single(sample.Targets).Traffic);
        Assert.Empty(sample.Ends);
    }

    [Fact]
    public async Task Count_CappedFlowThatIsReset_KeepsItsBytes()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("capped", target.Port) with { Limits = new() { BytesPerSecondIn = 100_000, BurstBytesIn = 300_000 } };
        await engine.PutAsync(rule);
        var peer = await Peer.ConnectAsync(Port(rule));
        var upstream = await target.AcceptedAsync();
        await peer.SendAsync(new byte[250_000]);
        await upstream.ReceiveAsync(250_000);
        peer.Reset();
        await Eventually.Equals(1, () => engine.Ends("capped", FlowEnd.DownstreamReset), "the end");
        Assert.Equal(new TrafficCount(250_000, 0, 1, 0), engine.Sample("capped").Traffic);
    }

    [Fact]
    public async Task Count_TargetThatDoesNotRead_IsWhatWasPassedOnAndNotWhatWasSent()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 4096);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("stuck", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        var upstream = await target.AcceptedAsync();
        using var stop = new CancellationTokenSource();
        var pouring = peer.PourAsync(stop.Token);
        var (last, looks) = (0L, 0);
        await Eventually.Holds(
            () =>
            {
                var count = engine.Sample("stuck").Traffic.BytesIn;
                looks = count > 0 && count == last ? looks + 1 : 0;
                last = count;
                return looks == 40;
            },
            "every buffer is full and the count stands still");
        await stop.CancelAsync();
        // A send that is cancelled half way does not say what the kernel took of it: the sink is the judge.
        await pouring;
        peer.EndSending();
        var arrived = (await upstream.ReceiveToEndAsync()).Length;
        Assert.InRange(last, 1, arrived - 1);
        await Eventually.Equals(arrived, () => engine.Sample("stuck").Traffic.BytesIn, "what arrived");
    }

    [Fact]
    public async Task Count_FlowHeldBackByItsCap_CountsPausesOfThatDirectionOnly()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("slow", target.Port) with { Limits = new() { BytesPerSecondIn = 100_000, BurstBytesIn = 1000 } };
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await peer.SendAsync(new byte[20_000]);
        await peer.ReceiveAsync(20_000);
        await Eventually.Holds(() => engine.Sample("slow").ThrottlesIn > 0, "pauses are counted");
        Assert.Equal(0, engine.Sample("slow").ThrottlesOut);
    }

    [Fact]
    public async Task Count_EveryAcceptedConnection_IsOpenOrHasOneEnd()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("sum", target.Port) with { Limits = new() { ConcurrentFlows = 3 } };
        await engine.PutAsync(rule);
        var open = new List<Peer>();
        for (var i = 0; i < 3; i++)
        {
            open.Add(await Peer.ConnectAsync(Port(rule)));
            Assert.True(await open[i].EchoesAsync());
        }

        for (var i = 0; i < 4; i++)
        {
            await Peer.ConnectToBeResetAsync(Port(rule));
        }

        open[0].EndSending();
        await open[0].ReceiveToEndAsync();
        await Eventually.Equals(1, () => engine.Ends("sum", FlowEnd.Completed), "the orderly end");
        open[1].Reset();
        await Eventually.Equals(1, () => engine.Ends("sum", FlowEnd.DownstreamReset), "the reset");
        var sample = engine.Sample("sum");
        Assert.Equal((7L, 4L, 1L), (sample.Accepted, sample.Ends[FlowEnd.RuleConcurrent], sample.Traffic.FlowsActive));
        Assert.Equal(sample.Accepted, sample.Ends.Values.Sum() + sample.Traffic.FlowsActive);
        open.ForEach(peer => peer.Dispose());
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

using System.Net;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>Who is let in and how much: what is refused is dropped, counted by reason, and nothing else.</summary>
public sealed class UdpLimitTests
{
    [Fact]
    public async Task Cap_Reached_DropsNewSourcesAndKeepsLiveOnes()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("cap", target.Port) with { UdpMaxFlows = 3 };
        await engine.PutAsync(rule);
        var live = Enumerable.Range(0, 3).Select(_ => new DatagramPeer(Port(rule))).ToList();
        foreach (var peer in live)
        {
            await peer.AskAsync(1);
        }

        using (var late = new DatagramPeer(Port(rule)))
        {
            late.Send(1);
            late.Send(2);
            await Eventually.Equals(2L, () => Drops(engine, "cap", DatagramDrop.OverCap), "the newcomer is dropped");
        }

        foreach (var peer in live)
        {
            Assert.Equal([3], await peer.AskAsync(3));
            peer.Dispose();
        }

        Assert.Equal((3L, 3L), (engine.Sample("cap").Accepted, engine.Sample("cap").Traffic.FlowsActive));
    }

    [Fact]
    public async Task Cap_OfARange_IsOverAllItsPorts()
    {
        var first = FreePorts.Take(4);
        var targets = FreePorts.Take(4);
        var running = Enumerable.Range(targets, 4).Select(port => new DatagramTarget(port: port)).ToList();
        await using var engine = new RunningEngine();
        await engine.PutAsync(new RuleSpec
        {
            Name = "range", Protocol = "udp", ListenAddress = "127.0.0.1", ListenPorts = $"{first}-{first + 3}",
            Target = $"127.0.0.1:{targets}-{targets + 3}", UdpMaxFlows = 2,
        });

        var peers = Enumerable.Range(0, 4).Select(i => new DatagramPeer(first + i)).ToList();
        peers.ForEach(peer => peer.Send(1));

        await Eventually.Equals(4L, () => UdpEndTests.Taken(engine.Sample("range")), "all are accounted for");
        Assert.Equal(2, Drops(engine, "range", DatagramDrop.OverCap));
        peers.ForEach(peer => peer.Dispose());
        foreach (var target in running)
        {
            await target.DisposeAsync();
        }
    }

    [Fact]
    public async Task Denied_Source_IsDroppedAndAnotherIsServed()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        // Dual-stack, where the kernel tells IPv4 sources in their mapped form.
        var rule = Rule("acl", target.Port) with { ListenAddress = null, Deny = ["127.0.0.2/32"] };
        await engine.PutAsync(rule);
        using var denied = new DatagramPeer(Port(rule), from: new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        using var allowed = new DatagramPeer(Port(rule));

        denied.Send(1);

        await Eventually.Equals(1L, () => Drops(engine, "acl", DatagramDrop.Denied), "it is dropped");
        Assert.Equal([2], await allowed.AskAsync(2));
        Assert.Equal(1, engine.Sample("acl").Accepted);
    }

    [Fact]
    public async Task NewFlows_OverTheRate_AreDropped()
    {
        await using var engine = new RunningEngine();
        await using var target = DatagramTarget.Echo();
        var rule = Rule("rate", target.Port) with { Limits = new LimitSpec { NewFlowsPerSecond = 1, NewFlowsBurst = 2 } };
        await engine.PutAsync(rule);

        for (var i = 0; i < 10; i++)
        {
            using var peer = new DatagramPeer(Port(rule));
            peer.Send(1);
        }

        await Eventually.Equals(10L, () => UdpEndTests.Taken(engine.Sample("rate")), "all are accounted for");
        Assert.InRange(Drops(engine, "rate", DatagramDrop.RuleFlowRate), 6, 8);
    }

    [Fact]
    public async Task SourcesWithoutATarget_UseUpNoneOfTheOwnersNewFlows()
    {
        await using var engine = new RunningEngine();
        await using var target = DatagramTarget.Echo();
        var owner = AccountId.New();
        await engine.LimitOwnerAsync(owner, new LimitSpec { NewFlowsPerSecond = 1, NewFlowsBurst = 2 });
        // Nobody may send to everybody without asking for it first, so there is no connecting to it.
        var broken = Rule("broken") with { Targets = [new TargetSpec { Host = "255.255.255.255", Port = 9 }] };
        var sound = Rule("sound", target.Port);
        await engine.PutAsync(broken, owner: owner);
        await engine.PutAsync(sound, owner: owner);
        using var lost = new DatagramPeer(Port(broken));
        for (var i = 0; i < 20; i++)
        {
            lost.Send(1);
        }

        await Eventually.Equals(20L, () => Drops(engine, "broken", DatagramDrop.NoTarget), "all are dropped for want of a target");
        using var peer = new DatagramPeer(Port(sound));
        Assert.Equal([2], await peer.AskAsync(2));
    }

    [Fact]
    public async Task OwnerAndRule_FlowsAtOnce_EachHasItsReason()
    {
        await using var engine = new RunningEngine();
        await using var target = DatagramTarget.Echo();
        var owner = AccountId.New();
        await engine.LimitOwnerAsync(owner, new LimitSpec { ConcurrentFlows = 3 });
        var small = Rule("small", target.Port) with { Limits = new LimitSpec { ConcurrentFlows = 1 } };
        var large = Rule("large", target.Port);
        await engine.PutAsync(small, owner: owner);
        await engine.PutAsync(large, owner: owner);

        var peers = new[] { small, small, large, large, large }.Select(rule => new DatagramPeer(Port(rule))).ToList();
        foreach (var peer in peers)
        {
            peer.Send(1);
            await Eventually.Holds(
                () => UdpEndTests.Taken(engine.Sample("small")) + UdpEndTests.Taken(engine.Sample("large")) == peers.IndexOf(peer) + 1, "it is accounted for");
        }

        Assert.Equal((1L, 1L), (Drops(engine, "small", DatagramDrop.RuleConcurrent), engine.Sample("small").Traffic.FlowsActive));
        Assert.Equal((1L, 2L), (Drops(engine, "large", DatagramDrop.OwnerConcurrent), engine.Sample("large").Traffic.FlowsActive));
        peers.ForEach(peer => peer.Dispose());
    }

    [Fact]
    public async Task BandwidthIn_OverTheBurst_IsDroppedWholeAndLiftedLive()
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Rule("in", target.Port) with { Limits = new LimitSpec { BytesPerSecondIn = 1000, BurstBytesIn = 5000 } };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        for (var i = 0; i < 20; i++)
        {
            peer.Send(new byte[1000]);
        }

        await Eventually.Equals(20L, () => UdpEndTests.Taken(engine.Sample("in")), "all are accounted for");
        var sample = engine.Sample("in");
        Assert.InRange(sample.Traffic.DatagramsIn, 5, 8);
        Assert.Equal(20 - sample.Traffic.DatagramsIn, Drops(engine, "in", DatagramDrop.Bandwidth));
        Assert.Equal(sample.Traffic.DatagramsIn * 1000, sample.Traffic.BytesIn);

        await engine.PutAsync(rule with { Limits = null });
        for (var i = 0; i < 20; i++)
        {
            peer.Send(new byte[1000]);
        }

        await Eventually.Equals(40L, () => UdpEndTests.Taken(engine.Sample("in")), "all are accounted for");
        Assert.Equal(sample.Traffic.DatagramsIn + 20, engine.Sample("in").Traffic.DatagramsIn);
        await Eventually.Equals((int)sample.Traffic.DatagramsIn + 20, () => target.Count, "what was counted has arrived");
    }

    [Fact]
    public async Task BandwidthOut_OverTheBurst_IsDroppedOnTheWayBack()
    {
        await using var target = new DatagramTarget(_ => Enumerable.Range(0, 20).Select(_ => new byte[1000]));
        await using var engine = new RunningEngine();
        var rule = Rule("out", target.Port) with { Limits = new LimitSpec { BytesPerSecondOut = 1000, BurstBytesOut = 5000 } };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        peer.Send(1);

        await Eventually.Holds(() => TakenBack(engine.Sample("out")) == 20, "all are accounted for");
        var sample = engine.Sample("out");
        Assert.InRange(sample.Traffic.DatagramsOut, 5, 8);
        Assert.Equal(20 - sample.Traffic.DatagramsOut, sample.DropsOut[DatagramDrop.Bandwidth]);
        Assert.Equal(1L, sample.Traffic.DatagramsIn);
    }

    private static long TakenBack(RuleSample sample) => sample.Traffic.DatagramsOut + sample.DropsOut.Values.Sum();

    private static long Drops(RunningEngine engine, string name, DatagramDrop reason) => engine.Sample(name).DropsIn.GetValueOrDefault(reason);
}

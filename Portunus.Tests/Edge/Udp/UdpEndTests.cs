using System.Net;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>How flows end, and what the next datagram of their source meets.</summary>
public sealed class UdpEndTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task IcmpError_EndsTheFlowAndTheNextDatagramPicksTheNextTarget(string host)
    {
        var address = IPAddress.Parse(host);
        await using var target = DatagramTarget.Echo(address);
        await using var engine = new RunningEngine();
        var rule = Rule("icmp") with
        {
            Targets = [new TargetSpec { Host = host, Port = FreePorts.Take() }, new TargetSpec { Host = host, Port = target.Port, Priority = 1 }],
        };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        peer.Send(1);
        await Eventually.Equals(1L, () => engine.Ends("icmp", FlowEnd.Unreachable), "the flow ended");

        Assert.Equal([2], await peer.AskAsync(2));
        var sample = engine.Sample("icmp");
        Assert.Equal((TargetStanding.Down, 1L), (sample.Targets[0].Standing, sample.Targets[0].ConnectFailures));
        Assert.Equal((TargetStanding.Up, 1L), (sample.Targets[1].Standing, sample.Targets[1].Traffic.FlowsActive));
        Assert.Equal((2L, 1L), (sample.Accepted, sample.Traffic.FlowsActive));
    }

    [Fact]
    public async Task TargetThatDies_FlowMovesOn()
    {
        var first = DatagramTarget.Echo();
        await using var second = new DatagramTarget(_ => [[22]]);
        await using var engine = new RunningEngine();
        var rule = Rule("dies", first.Port, second.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        Assert.Equal([5], await peer.AskAsync(5));

        await first.DisposeAsync();
        peer.Send(6);
        await Eventually.Equals(1L, () => engine.Ends("dies", FlowEnd.Unreachable), "the flow ended");

        Assert.Equal([22], await peer.AskAsync(7));
    }

    [Fact]
    public async Task BurstToNobody_EveryDatagramIsSentOrDropped()
    {
        await using var engine = new RunningEngine(loops: 1);
        var rule = Rule("nobody", FreePorts.Take());
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        for (var i = 0; i < 500; i++)
        {
            peer.Send([.. BitConverter.GetBytes(i), .. new byte[i % 9]]);
        }

        await Eventually.Equals(500L, () => Taken(engine.Sample("nobody")), "datagrams accounted for");
        var sample = engine.Sample("nobody");
        Assert.Equal(sample.Accepted, sample.Ends.GetValueOrDefault(FlowEnd.Unreachable) + sample.Traffic.FlowsActive);
    }

    [Fact]
    public async Task SilentFlow_EndsAndItsSourceMayComeAgain()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("idle", target.Port) with { UdpIdleSeconds = 5 };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        await peer.AskAsync(1);

        await Eventually.Equals(1L, () => engine.Ends("idle", FlowEnd.Idle), "the flow ended");

        Assert.Equal(0, engine.Sample("idle").Traffic.FlowsActive);
        Assert.Equal([2], await peer.AskAsync(2));
        Assert.Equal((2L, 1L), (engine.Sample("idle").Accepted, engine.Sample("idle").Traffic.FlowsActive));
    }

    [Fact]
    public async Task PortUsedAgainByAnotherSource_AfterExpiry_GetsOnlyItsOwnAnswers()
    {
        var delay = new TaskCompletionSource();
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Rule("reuse", target.Port) with { UdpIdleSeconds = 5 };
        await engine.PutAsync(rule);
        IPEndPoint local;
        Datagram early;
        using (var first = new DatagramPeer(Port(rule)))
        {
            local = first.Local;
            first.Send(1);
            early = await target.NextAsync();
        }

        await Eventually.Equals(1L, () => engine.Ends("reuse", FlowEnd.Idle), "the flow ended");
        using var second = new DatagramPeer(Port(rule), from: local);
        second.Send(2);
        var late = await target.NextAsync();

        // An answer to the flow that is over goes nowhere; its upstream port is closed.
        await target.Socket.SendToAsync(new byte[] { 91 }, early.From);
        await target.Socket.SendToAsync(new byte[] { 92 }, late.From);
        Assert.Equal([92], (await second.ReceiveAsync()).Payload);
    }

    [Fact]
    public async Task RuleRemoved_FlowsDrainAndNewSourcesAreTurnedAway()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine(loops: 1);
        var rule = Rule("removed", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        await peer.AskAsync(1);

        await engine.RemoveAsync("removed");

        Assert.Equal([2], await peer.AskAsync(2));
        using var late = new DatagramPeer(Port(rule));
        late.Send(3);
        await Eventually.Equals(1L, () => engine.Sample("removed").DropsIn.GetValueOrDefault(DatagramDrop.Draining), "the newcomer was dropped");
        // Silent for five seconds, it ends well before the deadline.
        await Eventually.Holds(() => engine.Engine.Read().Vitals.FlowsActive == 0, "the flow ended");
    }

    [Fact]
    public async Task Cut_EndsTheFlowAtOnce()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("cut", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        await peer.AskAsync(1);

        await engine.PutAsync(rule, cut: new FlowOrder(engine.NextRevision, null));

        await Eventually.Equals(1L, () => engine.Ends("cut", FlowEnd.Cut), "the flow ended");
        Assert.Equal([2], await peer.AskAsync(2));
    }

    [Fact]
    public async Task ShorterIdle_ReachesLiveFlows()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("shorter", target.Port) with { UdpIdleSeconds = 3600 };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        await peer.AskAsync(1);

        await engine.PutAsync(rule with { UdpIdleSeconds = 5 });

        await Eventually.Equals(1L, () => engine.Ends("shorter", FlowEnd.Idle), "the flow ended");
    }

    /// <summary>Datagrams taken from the kernel on the listening side.</summary>
    internal static long Taken(RuleSample sample) => sample.Traffic.DatagramsIn
        + sample.DropsIn.Where(drop => drop.Key != DatagramDrop.ReceiveBufferFull).Sum(drop => drop.Value);
}

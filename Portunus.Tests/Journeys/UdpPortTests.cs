using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What UDP rules can and cannot listen on, and that a refusal says the truth.</summary>
public sealed class UdpPortTests
{
    [Fact]
    public async Task Listen_TcpAndUdpOnOnePort_DoNotTouchEachOther()
    {
        await using var stream = LoopbackTarget.Echo();
        await using var datagrams = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var tcp = RunningEngine.Rule("tcp", stream.Port);
        var udp = Udp("udp", datagrams.Port) with { ListenPort = tcp.ListenPort };
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(tcp)).Standing);
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(udp)).Standing);
        using var peer = await Peer.ConnectAsync(Port(tcp));
        using var source = new DatagramPeer(Port(udp));
        Assert.True(await peer.EchoesAsync());
        Assert.Equal([7], await source.AskAsync(7));

        await engine.RemoveAsync("tcp");
        Assert.True(await peer.EchoesAsync());
        Assert.Equal([8], await source.AskAsync(8));
        await engine.PutAsync(tcp);
        await engine.RemoveAsync("udp");
        Assert.True(await peer.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(Port(tcp)));
    }

    [Fact]
    public async Task Listen_RuleTurnsFromTcpToUdp_ListensAsTheOther()
    {
        await using var stream = LoopbackTarget.Echo();
        await using var datagrams = DatagramTarget.Echo(port: stream.Port);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("turns", stream.Port);
        await engine.PutAsync(rule);
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule with { Protocol = "udp" })).Standing);
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        using var source = new DatagramPeer(Port(rule));
        Assert.Equal([1, 2], await source.AskAsync(1, 2));
    }

    [Fact]
    public async Task Listen_PortOfAnotherProcessOfTheSameUser_IsInUse()
    {
        await using var other = await HostedEngine.StartAsync();
        var rule = Udp("theirs", 9) with { ListenAddress = null };
        Assert.Equal("Listening", (await other.PutAsync(rule)).Standing);

        await using var engine = new RunningEngine();
        foreach (var address in new[] { null, "127.0.0.1", "::", "::1" })
        {
            var outcome = await engine.PutAsync(rule with { Name = "ours", ListenAddress = address });
            Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, Port(rule)), (outcome.Standing, outcome.Refusal, outcome.Port));
        }
    }

    [Fact]
    public async Task Listen_RangeWithATakenPort_BindsNothingNamesItAndBindsAsAWholeOnceItIsFree()
    {
        var first = FreePorts.Take(4);
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = new RuleSpec
        {
            Name = "range",
            Protocol = "udp",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 3}",
            Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port }],
        };
        using (Bind(first + 2))
        {
            var outcome = await engine.PutAsync(rule);
            Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, first + 2), (outcome.Standing, outcome.Refusal, outcome.Port));
            using var free = Bind(first);
        }

        await Eventually.Holds(() => engine.Sample("range").Outcome.Standing == RuleStanding.Listening, "the range binds after all");
        using var source = new DatagramPeer(first);
        Assert.Equal([1], await source.AskAsync(1));
    }

    [Fact]
    public async Task Listen_Range_EachPortReachesItsOffsetAndCountsOnItsOwn()
    {
        var targetPorts = FreePorts.Take(3);
        await using var one = DatagramTarget.Echo(port: targetPorts);
        await using var two = DatagramTarget.Echo(port: targetPorts + 1);
        await using var three = DatagramTarget.Echo(port: targetPorts + 2);
        await using var engine = new RunningEngine();
        var first = FreePorts.Take(3);
        await engine.PutAsync(new RuleSpec
        {
            Name = "range",
            Protocol = "udp",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 2}",
            Target = $"127.0.0.1:{targetPorts}-{targetPorts + 2}",
        });

        using var source = new DatagramPeer(first + 1);
        await source.AskAsync(1, 2, 3);
        using var last = new DatagramPeer(first + 2);
        await last.AskAsync(1);
        Assert.Equal([0, 1, 1], new[] { one.Count, two.Count, three.Count });
        var ports = engine.Sample("range").Ports;
        Assert.Equal(new PortSample(first + 1, new TrafficCount(3, 3, 1, 1, 1, 1)), ports[1]);
        Assert.Equal(0, ports[0].Traffic.DatagramsIn);
    }

    [Fact]
    public async Task Listen_SinglePort_SpreadsItsSourcesOverTheLoops()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine(loops: 2);
        var rule = Udp("busy", target.Port);
        await engine.PutAsync(rule);
        var sources = Enumerable.Range(0, 40).Select(_ => new DatagramPeer(Port(rule))).ToList();
        foreach (var source in sources)
        {
            Assert.Equal([1], await source.AskAsync(1));
        }

        Assert.All(engine.Engine.Read().Vitals.FlowsPerLoop, flows => Assert.InRange(flows, 1, 39));
        Assert.Equal(40, engine.Sample("busy").Traffic.FlowsActive);
        sources.ForEach(source => source.Dispose());
    }

    [Fact]
    public async Task Listen_RangeShrinksToOnePort_ItsSourcesAreSpread()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine(loops: 2);
        var first = FreePorts.Take(2);
        var range = new RuleSpec
        {
            Name = "range",
            Protocol = "udp",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 1}",
            Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port }],
        };
        await engine.PutAsync(range);
        await engine.PutAsync(range with { ListenPorts = null, ListenPort = first });
        var sources = Enumerable.Range(0, 40).Select(_ => new DatagramPeer(first)).ToList();
        foreach (var source in sources)
        {
            await source.AskAsync(1);
        }

        Assert.All(engine.Engine.Read().Vitals.FlowsPerLoop, flows => Assert.InRange(flows, 1, 39));
        sources.ForEach(source => source.Dispose());
    }

    [Fact]
    public async Task Listen_AddressNotHere_IsRefusedAsSuch()
    {
        await using var engine = new RunningEngine();
        // TEST-NET-1 (RFC 5737) is on no machine.
        var outcome = await engine.PutAsync(Udp("elsewhere", 9) with { ListenAddress = "192.0.2.1" });
        Assert.Equal(BindRefusal.NoSuchAddress, outcome.Refusal);
    }

    private static RuleSpec Udp(string name, int targetPort) => RunningEngine.Rule(name, targetPort) with { Protocol = "udp" };

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>What a rule is bound to, and which address answers come from.</summary>
public sealed class UdpListenerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task PortInUse_ByAnother_IsRefusedHonestly(int loops)
    {
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var rule = Rule("taken", 9);
        // The other program is even willing to share.
        other.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        other.Bind(new IPEndPoint(IPAddress.Loopback, Port(rule)));
        await using var engine = new RunningEngine(loops);

        var outcome = await engine.PutAsync(rule);

        Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, Port(rule)), (outcome.Standing, outcome.Refusal, outcome.Port));
    }

    [Fact]
    public async Task BoundPort_IsNotToBeHadByOthers()
    {
        await using var engine = new RunningEngine();
        var rule = Rule("ours", 9);
        await engine.PutAsync(rule);
        await using var second = new RunningEngine();

        var outcome = await second.PutAsync(rule);

        Assert.Equal(BindRefusal.PortInUse, outcome.Refusal);
        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Assert.Throws<SocketException>(() => plain.Bind(new IPEndPoint(IPAddress.Loopback, Port(rule))));
    }

    [Fact]
    public async Task TcpAndUdp_OfOnePortNumber_ServeBoth()
    {
        await using var stream = LoopbackTarget.Echo();
        await using var datagrams = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var tcp = RunningEngine.Rule("stream", stream.Port);
        var udp = Rule("datagrams", datagrams.Port) with { ListenPort = tcp.ListenPort };
        await engine.PutAsync(tcp);

        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(udp)).Standing);

        Assert.True(await Peer.IsServedAsync(Port(tcp)));
        using var peer = new DatagramPeer(Port(udp));
        Assert.Equal([4, 2], await peer.AskAsync(4, 2));
    }

    [Fact]
    public async Task Range_EachPort_GoesToItsOwnTargetPortOnBothLoops()
    {
        const int Width = 6;
        var first = FreePorts.Take(Width);
        var targets = FreePorts.Take(Width);
        var running = Enumerable.Range(0, Width).Select(i => new DatagramTarget(_ => [[(byte)i]], port: targets + i)).ToList();
        await using var engine = new RunningEngine();
        var rule = new RuleSpec
        {
            Name = "range", Protocol = "udp", ListenAddress = "127.0.0.1", ListenPorts = $"{first}-{first + Width - 1}",
            Target = $"127.0.0.1:{targets}-{targets + Width - 1}",
        };
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);

        for (var i = 0; i < Width; i++)
        {
            using var peer = new DatagramPeer(first + i);
            Assert.Equal([(byte)i], await peer.AskAsync(99));
        }

        Assert.Equal([3L, 3L], engine.Engine.Read().Vitals.FlowsPerLoop);
        Assert.All(engine.Sample("range").Ports, port => Assert.Equal(1, port.Traffic.DatagramsIn));
        foreach (var target in running)
        {
            await target.DisposeAsync();
        }
    }

    [Fact]
    public async Task Range_OnePortTaken_BindsNone()
    {
        var first = FreePorts.Take(3);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, first + 2));
        await using var engine = new RunningEngine();

        var outcome = await engine.PutAsync(new RuleSpec
        {
            Name = "range", Protocol = "udp", ListenAddress = "127.0.0.1", ListenPorts = $"{first}-{first + 2}", Target = "127.0.0.1:9-11",
        });

        Assert.Equal((BindRefusal.PortInUse, first + 2), (outcome.Refusal, outcome.Port));
        using var free = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        free.Bind(new IPEndPoint(IPAddress.Loopback, first));
    }

    [Theory]
    [InlineData(null, "127.0.0.1")]
    [InlineData(null, "127.0.0.9")]
    [InlineData(null, "::1")]
    [InlineData("0.0.0.0", "127.0.0.9")]
    [InlineData("::", "::1")]
    [InlineData("127.0.0.9", "127.0.0.9")]
    [InlineData("::1", "::1")]
    public async Task Answer_LeavesFromTheAddressThatWasCalled(string? listen, string called)
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("addresses", target.Port) with { ListenAddress = listen };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule), IPAddress.Parse(called));

        peer.Send(1, 2, 3);

        var answer = await peer.ReceiveAsync();
        Assert.Equal([1, 2, 3], answer.Payload);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(called), Port(rule)), answer.From);
    }

    [Fact]
    public async Task OneSourceCallingTwoAddresses_GetsAnswersFromEach()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("both", target.Port) with { ListenAddress = null };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var (one, other) = (new IPEndPoint(IPAddress.Loopback, Port(rule)), new IPEndPoint(IPAddress.Parse("127.0.0.2"), Port(rule)));

        for (var i = 0; i < 10; i++)
        {
            peer.Socket.SendTo([(byte)i, 1], one);
            peer.Socket.SendTo([(byte)i, 2], other);
            var answers = new[] { await peer.ReceiveAsync(), await peer.ReceiveAsync() };
            Assert.Contains(answers, answer => answer.From.Equals(one) && answer.Payload[1] == 1);
            Assert.Contains(answers, answer => answer.From.Equals(other) && answer.Payload[1] == 2);
        }

        Assert.Equal(2, engine.Sample("both").Accepted);
    }

    [Fact]
    public async Task Ipv6Only_DoesNotTakeIpv4()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("six", target.Port) with { ListenAddress = "::" };
        await engine.PutAsync(rule);

        // The port is free for IPv4.
        using var four = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        four.Bind(new IPEndPoint(IPAddress.Any, Port(rule)));
    }

    [Theory]
    [InlineData("127.0.0.1", "::1")]
    [InlineData("::1", "127.0.0.1")]
    public async Task TargetOfTheOtherFamily_IsReached(string listen, string target)
    {
        await using var running = DatagramTarget.Echo(IPAddress.Parse(target));
        await using var engine = new RunningEngine();
        var rule = Rule("family", running.Port) with { ListenAddress = listen, Targets = [new TargetSpec { Host = target, Port = running.Port }] };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule), IPAddress.Parse(listen));

        Assert.Equal([7], await peer.AskAsync(7));
        Assert.Empty(engine.Sample("family").DropsIn);
    }

    [Fact]
    public async Task Renamed_FlowsGoOnAndNewOnesBelongToTheNewRule()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("before", target.Port);
        await engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(1);

        await engine.RenameAsync("before", rule with { Name = "after" });

        await old.AskAsync(2);
        using var young = new DatagramPeer(Port(rule));
        await young.AskAsync(3);
        Assert.Equal(1, engine.Sample("after").Traffic.FlowsActive);
        Assert.Equal((1L, 2L), (engine.Sample("before").Accepted, engine.Sample("before").Traffic.DatagramsIn));
    }
}

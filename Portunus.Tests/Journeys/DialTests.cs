using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Finding a target: refusal, silence, failover, fail-back, PROXY headers.</summary>
public sealed class DialTests
{
    [Fact]
    public async Task Dial_FirstTargetRefuses_SameConnectionReachesTheSecond()
    {
        await using var good = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("failover", FreePorts.Take(), good.Port);
        await engine.PutAsync(rule);

        using var peer = await Peer.ConnectAsync(Port(rule));
        await peer.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), await peer.ReceiveAsync(10));
        // Bytes are counted when the call that sent them has returned, and the peer may have them before.
        await Eventually.Equals(new TrafficCount(10, 10, 1, 1), () => engine.Sample("failover").Targets[1].Traffic, "the second target has them all");
        var refused = engine.Sample("failover").Targets[0];
        Assert.Equal(1, refused.ConnectFailures);
        Assert.Equal(0, refused.Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Dial_EveryTargetRefuses_DownstreamIsReset()
    {
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("nobody", FreePorts.Take(), FreePorts.Take());
        await engine.PutAsync(rule);

        await Peer.ConnectToBeResetAsync(Port(rule));
        await Eventually.Equals(1L, () => engine.Ends("nobody", FlowEnd.NoTarget), "the flow ends for want of a target");
    }

    [Fact]
    public async Task Dial_TargetDoesNotAnswer_TimesOutAndTriesTheNext()
    {
        // A listener whose backlog is full drops SYNs, as a black hole would.
        using var hole = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        hole.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        hole.Listen(0);
        var holePort = (hole.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        using var filler = await Peer.ConnectAsync(holePort);

        await using var good = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("silent", holePort, good.Port) with { ConnectTimeoutMs = 150 };
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await peer.SendAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await peer.ReceiveAsync(1));

        var only = RunningEngine.Rule("only", holePort) with { ConnectTimeoutMs = 150 };
        await engine.PutAsync(only);
        await Peer.ConnectToBeResetAsync(Port(only));
        await Eventually.Equals(1L, () => engine.Ends("only", FlowEnd.ConnectTimeout), "the flow ends as timed out");
    }

    [Fact]
    public async Task Dial_LowerPriorityNumberPreferred_WhateverTheOrder()
    {
        await using var second = LoopbackTarget.Echo();
        await using var first = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("priority") with
        {
            Targets =
            [
                new TargetSpec { Host = "127.0.0.1", Port = second.Port, Priority = 5 },
                new TargetSpec { Host = "127.0.0.1", Port = first.Port, Priority = 1 },
            ],
        };
        await engine.PutAsync(rule);
        for (var i = 0; i < 5; i++)
        {
            using var peer = await Peer.ConnectAsync(Port(rule));
            await peer.SendAsync("x"u8.ToArray());
            await peer.ReceiveAsync(1);
        }

        Assert.Equal(5, first.Count);
        Assert.Equal(0, second.Count);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Dial_TargetWantsAProxyHeader_ItComesBeforeTheFirstByte(string version)
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("header") with
        {
            Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port, ProxyProtocol = version }],
        };
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await peer.SendAsync("payload"u8.ToArray());
        peer.EndSending();

        var own = (IPEndPoint)(peer.Socket.LocalEndPoint ?? throw new InvalidOperationException());
        var got = await (await target.AcceptedAsync()).ReceiveToEndAsync();
        var header = version == "v1"
            ? System.Text.Encoding.ASCII.GetBytes($"PROXY TCP4 127.0.0.1 127.0.0.1 {own.Port} {Port(rule)}\r\n")
            : [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12, 127, 0, 0, 1, 127, 0, 0, 1,
                (byte)(own.Port >> 8), (byte)own.Port, (byte)(Port(rule) >> 8), (byte)Port(rule)];
        Assert.Equal([.. header, .. "payload"u8], got);
        Assert.Equal(7, engine.Sample("header").Traffic.BytesIn);
    }

    [Fact]
    public async Task Dial_DownTargetComesBack_TrafficFailsBack()
    {
        var port = FreePorts.Take();
        await using var spare = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("failback", port, spare.Port);
        await engine.PutAsync(rule);
        for (var i = 0; i < 3; i++)
        {
            await ExchangeAsync(rule);
        }

        Assert.Equal(TargetStanding.Down, engine.Sample("failback").Targets[0].Standing);
        await using var back = LoopbackTarget.Echo(port: port);
        // Down targets are tried again after five seconds at the earliest.
        await Eventually.Holds(
            () =>
            {
                ExchangeAsync(rule).GetAwaiter().GetResult();
                return engine.Sample("failback").Targets[0].Standing == TargetStanding.Up;
            },
            "the first target takes traffic again");
        var before = back.Count;
        await ExchangeAsync(rule);
        Assert.Equal(before + 1, back.Count);
    }

    private static async Task ExchangeAsync(RuleSpec rule)
    {
        using var peer = await Peer.ConnectAsync(Port(rule));
        await peer.SendAsync("x"u8.ToArray());
        await peer.ReceiveAsync(1);
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

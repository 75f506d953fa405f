using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;
using static Portunus.Tests.Kit.BlockingEngine;

namespace Portunus.Tests.Edge.Udp;

/// <summary>What an engine does that finds several things in one turn of its loop, because it was stopped meanwhile.</summary>
public sealed class UdpTurnTests
{
    [Fact]
    public async Task TargetThatAnsweredAndDied_ItsLastAnswersAreDelivered()
    {
        var target = new DatagramTarget();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("last", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(1);
        var upstream = (await target.NextAsync()).From;

        await engine.SignalAsync("STOP");
        peer.Send(2);
        for (byte i = 10; i < 90; i++)
        {
            await target.Socket.SendToAsync(new[] { i }, upstream);
        }

        await target.DisposeAsync();
        await engine.SignalAsync("CONT");

        for (byte i = 10; i < 90; i++)
        {
            Assert.Equal([i], (await peer.ReceiveAsync()).Payload);
        }

        var end = await engine.EventuallyAsync("last", look => look.Ends.ContainsKey(nameof(FlowEnd.Unreachable)), "the flow ended");
        Assert.Equal((80L, 0), (end.DatagramsOut, end.DropsOut.Count));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(1_000_000L, null)]
    [InlineData(null, "v2")]
    [InlineData(1_000_000L, "v2-each")]
    public async Task BatchAfterAnIcmpError_GoesWholeToTheNextTarget(long? cap, string? header)
    {
        await using var second = new DatagramTarget();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("again") with
        {
            Targets =
            [
                new TargetSpec { Host = "127.0.0.1", Port = FreePorts.Take(), ProxyProtocol = header },
                new TargetSpec { Host = "127.0.0.1", Port = second.Port, ProxyProtocol = header, Priority = 1 },
            ],
            Limits = cap is null ? null : new LimitSpec { BytesPerSecondIn = cap, BurstBytesIn = 50_000 },
        };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        // A batch is 32; the error comes of the first.
        await engine.SignalAsync("STOP");
        for (byte i = 0; i < 42; i++)
        {
            peer.Send([i, .. new byte[999]]);
        }

        await engine.SignalAsync("CONT");

        for (byte i = 32; i < 42; i++)
        {
            var got = (await second.NextAsync()).Payload;
            var hasHeader = header == "v2-each" || (header == "v2" && i == 32);
            Assert.Equal((hasHeader ? 1028 : 1000, i), (got.Length, got[^1000]));
        }

        var look = await engine.EventuallyAsync("again", look => look.DatagramsIn == 42, "all were sent");
        Assert.Equal((0, 2L), (look.DropsIn.Count, look.Accepted));
    }

    [Fact]
    public async Task AnswersFasterThanTaken_WhatTheKernelDroppedIsCounted()
    {
        await using var target = new DatagramTarget();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("fast", target.Port) with { UdpIdleSeconds = 5 };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(1);
        var upstream = (await target.NextAsync()).From;

        await engine.SignalAsync("STOP");
        for (var i = 0; i < 6000; i++)
        {
            await target.Socket.SendToAsync(new byte[100], upstream);
        }

        await engine.SignalAsync("CONT");

        var look = await engine.EventuallyAsync("fast", look => look.DatagramsOut + look.DropsOut.Values.Sum() == 6000, "all are accounted for");
        Assert.True(look.DropsOut[nameof(DatagramDrop.ReceiveBufferFull)] > 0);
    }

    [RootFact("ip")]
    public void BroadcastToAPortOfTwoSockets_IsPassedOnOnceAndAnsweredFromTheHost() => NetworkNamespace.Run(() =>
    {
        AddLink();
        using var target = Bound(9000);
        using var engine = new BlockingEngine(loops: 2);
        engine.Put(Spec("all", 9000) with { ListenAddress = null });
        using var peer = Bound(10_000, "10.9.8.1");
        peer.EnableBroadcast = true;
        var buffer = new byte[16];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);

        foreach (var called in new[] { "10.9.8.255", "255.255.255.255", "10.9.8.1" })
        {
            peer.SendTo([7], new IPEndPoint(IPAddress.Parse(called), 8000));
            Assert.Equal(1, target.ReceiveFrom(buffer, ref from));
            target.SendTo([8], from);
            Assert.Equal(1, peer.ReceiveFrom(buffer, ref from));
            Assert.Equal(new IPEndPoint(IPAddress.Parse("10.9.8.1"), 8000), from);
        }

        Assert.Equal(0, target.Available);
        var look = engine.Look("all");
        Assert.Equal((3L, 0, 0), (look.DatagramsIn, look.DropsIn.Count, look.DropsOut.Count));
    });
}

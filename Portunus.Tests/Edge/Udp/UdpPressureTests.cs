using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;
using static Portunus.Tests.Kit.BlockingEngine;

namespace Portunus.Tests.Edge.Udp;

/// <summary>Ports, descriptors and packet sizes run out: live flows go on, and each datagram has its reason.</summary>
public sealed class UdpPressureTests
{
    [RootFact("ip")]
    public void LocalPorts_RunOut_NewSourcesAreDroppedForIt() => NetworkNamespace.Run(() =>
    {
        File.WriteAllText("/proc/sys/net/ipv4/ip_local_port_range", "20000 20003");
        using var target = Bound(9000);
        using var engine = new BlockingEngine();
        engine.Put(Spec("ports", 9000));
        var peers = Enumerable.Range(10_000, 6).Select(port => Bound(port)).ToList();

        peers.ForEach(peer => peer.SendTo([1], new IPEndPoint(IPAddress.Loopback, 8000)));

        var look = engine.Until("ports", reply => reply.DatagramsIn + reply.DropsIn.Values.Sum() == 6, "all are accounted for");
        Assert.Equal((4L, 2L), (look.DatagramsIn, look.DropsIn.GetValueOrDefault(nameof(DatagramDrop.OutOfPorts))));
        Assert.Equal((4L, 4L), (look.Accepted, look.Active));
        peers[0].SendTo([2], new IPEndPoint(IPAddress.Loopback, 8000));
        engine.Until("ports", reply => reply.DatagramsIn == 5, "a live flow goes on");
        peers.ForEach(peer => peer.Dispose());
    });

    [RootFact("ip")]
    public void DatagramsAboveTheMtu_RunsAreResentPlainlyAndAllArrive() => NetworkNamespace.Run(() =>
    {
        using (var ip = Process.Start("ip", ["link", "set", "lo", "mtu", "1280"]))
        {
            ip.WaitForExit();
        }

        using var target = Bound(9000);
        using var engine = new BlockingEngine();
        engine.Put(Spec("mtu", 9000));
        using var peer = Bound(10_000);
        var sent = new List<byte[]>();

        for (var round = 0; round < 4; round++)
        {
            // A stopped engine finds them all at once, so that they make runs.
            engine.Signal("STOP");
            for (var i = 0; i < 30; i++)
            {
                var payload = RandomBytes(round % 2 == 0 ? 1400 : 1000);
                sent.Add(payload);
                peer.SendTo(payload, new IPEndPoint(IPAddress.Loopback, 8000));
            }

            engine.Signal("CONT");
            engine.Until("mtu", reply => reply.DatagramsIn == sent.Count, "all are sent on");
        }

        var buffer = new byte[2000];
        foreach (var payload in sent)
        {
            Assert.Equal(payload, buffer[..target.Receive(buffer)]);
        }

        // And on the way back.
        peer.SendTo([1], new IPEndPoint(IPAddress.Loopback, 8000));
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        target.ReceiveFrom(buffer, ref from);
        engine.Signal("STOP");
        for (var i = 0; i < 30; i++)
        {
            target.SendTo(sent[i], from);
        }

        engine.Signal("CONT");
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(sent[i], buffer[..peer.Receive(buffer)]);
        }

        Assert.Empty(engine.Look("mtu").DropsIn);
        Assert.Empty(engine.Look("mtu").DropsOut);
    });

    [RootFact("ip")]
    public void SendBuffer_FullOfWhatCannotLeaveYet_DropsAndNeverWaits() => NetworkNamespace.Run(() =>
    {
        // Nobody answers for the target's link address, so what is sent to it waits, and counts against the flow's socket.
        AddLink();
        File.WriteAllText("/proc/sys/net/ipv4/neigh/v0/unres_qlen_bytes", "100000000");
        using var target = Bound(9000);
        using var engine = new BlockingEngine();
        engine.Put(Spec("full", 0) with { Target = "10.9.8.2:9000" });
        engine.Put(Spec("free", 9000) with { ListenPort = 8001 });
        using var peer = Bound(10_000);
        engine.Signal("STOP");
        for (var i = 0; i < 600; i++)
        {
            peer.SendTo(new byte[1400], new IPEndPoint(IPAddress.Loopback, 8000));
        }

        peer.SendTo([1], new IPEndPoint(IPAddress.Loopback, 8001));
        engine.Signal("CONT");

        // Another rule of the same loop is served meanwhile.
        Assert.Equal(1, target.Receive(new byte[8]));
        var look = engine.Until("full", reply => reply.DatagramsIn + reply.DropsIn.Values.Sum() == 600, "all are accounted for");
        Assert.InRange(look.DatagramsIn, 1, 599);
        Assert.True(look.DropsIn.GetValueOrDefault(nameof(DatagramDrop.SendBufferFull)) > 0);
    });

    [StraceFact]
    public async Task Socket_ThatDies_IsBoundAnewAndServes()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("dies", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        Assert.Equal([1], await peer.AskAsync(1));
        using (var strace = await Strace.FailAsync(engine.Pid, "recvmmsg", "ENOTCONN", "1"))
        {
            peer.Send(2);
            // The live flow ends with the socket, and what waited in that is lost.
            await engine.EventuallyAsync("dies", look => look.Ends.ContainsKey(nameof(FlowEnd.Cut)) && look.Standing == "Listening", "it is bound anew");
            Assert.Contains(await strace.StopAsync(), call => call.Result == -1);
        }

        Assert.Equal([3], await peer.AskAsync(3));
    }

    [StraceFact]
    public async Task RunThatMayNotLeave_IsDroppedInOneCallForItsOwnReason()
    {
        await using var target = new DatagramTarget();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("forbidden", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(9);
        await target.NextAsync();
        // As a packet filter says it; asking again one by one would be told the same, and runs are not at fault.
        using (var strace = await Strace.FailAsync(engine.Pid, ("sendmsg", "EPERM", "1+"), ("sendmmsg", "EPERM", "1+")))
        {
            await engine.SignalAsync("STOP");
            for (var i = 0; i < 10; i++)
            {
                peer.Send(new byte[100]);
            }

            await engine.SignalAsync("CONT");
            await engine.EventuallyAsync("forbidden", look => look.DropsIn.GetValueOrDefault(nameof(DatagramDrop.SendFailed)) == 10, "they are dropped");
            Assert.Single(await strace.StopAsync());
        }

        peer.Send(8);
        Assert.Equal([8], (await target.NextAsync()).Payload);
    }

    [Fact]
    public async Task Descriptors_RunOut_LiveFlowGoesOnAndItRecovers()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("ceiling", target.Port);
        await engine.PutAsync(rule);
        using var live = new DatagramPeer(Port(rule));
        await live.AskAsync(1);
        await engine.LimitDescriptorsAsync((await engine.LookAsync("ceiling")).Descriptors);
        var peers = Enumerable.Range(0, 10).Select(_ => new DatagramPeer(Port(rule))).ToList();

        peers.ForEach(peer => peer.Send(2));

        await engine.EventuallyAsync("ceiling", look => look.DropsIn.GetValueOrDefault(nameof(DatagramDrop.OutOfDescriptors)) > 0, "a newcomer is dropped");
        Assert.Equal([3], await live.AskAsync(3));
        await engine.LimitDescriptorsAsync(4096);
        foreach (var peer in peers)
        {
            await peer.AskAsync(4);
            peer.Dispose();
        }

        var end = await engine.LookAsync("ceiling");
        Assert.Equal((end.Accepted, 11L), (end.Active, end.Active));
        Assert.Equal(22, end.DatagramsIn + end.DropsIn.Values.Sum());
    }

    [Fact]
    public async Task Flows_InTheThousands_TakeLessThanOneKibibyteEach()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("memory", target.Port) with { UdpMaxFlows = 65_535 };
        await engine.PutAsync(rule);
        using var first = new DatagramPeer(Port(rule));
        await first.AskAsync(1);
        var before = await engine.HeldAsync();

        const int Flows = 2000;
        var peers = new List<DatagramPeer>();
        for (var i = 0; i < Flows; i++)
        {
            peers.Add(new DatagramPeer(Port(rule)));
            await peers[i].AskAsync(1);
        }

        var each = (await engine.HeldAsync() - before) / (double)Flows;
        Assert.Equal(Flows + 1, (await engine.LookAsync("memory")).Active);
        Assert.True(each <= 1024, $"{each:F0} bytes for each flow");
        peers.ForEach(peer => peer.Dispose());
    }

    private static RuleSpec Spec(string name, int targetPort) => new()
    {
        Name = name, Protocol = "udp", ListenAddress = "127.0.0.1", ListenPort = 8000, Target = $"127.0.0.1:{targetPort}",
    };
}

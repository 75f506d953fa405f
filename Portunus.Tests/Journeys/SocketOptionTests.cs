using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What the engine asks of its sockets, read from the sockets.</summary>
public sealed class SocketOptionTests
{
    [Fact]
    public async Task Legs_OfAFlow_SendWithoutDelayAndProbeASilentPeer()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("options", target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var up = await target.AcceptedAsync();
        var (listenPort, downPort) = ((int)(rule.ListenPort ?? 0), PortOf(down.Socket.LocalEndPoint));
        var upPort = PortOf(up.Socket.RemoteEndPoint);

        Assert.True(OpenSockets.Find(listenPort, downPort, socket => socket.NoDelay));
        Assert.True(OpenSockets.Find(upPort, target.Port, socket => socket.NoDelay));
        Assert.Equal((true, 60, 15, 4), OpenSockets.Find(listenPort, downPort, KeepAlive));
        // Asked for on this leg only once a flow has lasted.
        await Eventually.Holds(() => OpenSockets.Find(upPort, target.Port, KeepAlive) == (true, 60, 15, 4), "the upstream leg probes as well");
    }

    private static (bool On, int Idle, int Interval, int Count) KeepAlive(Socket socket) => (
        socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive) is 1,
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime) ?? 0),
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval) ?? 0),
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount) ?? 0));

    private static int PortOf(EndPoint? end) => (end as IPEndPoint)?.Port ?? 0;
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What the kernel is asked for on both legs of a flow.</summary>
public sealed class SocketOptionsTests
{
    [Fact]
    public async Task BothLegs_SendSmallSegmentsAtOnceAndNoticeDeadPeers()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("options", target.Port);
        await engine.PutAsync(rule);
        var port = (int)(rule.ListenPort ?? 0);
        using var peer = await Peer.ConnectAsync(port);
        Assert.True(await peer.EchoesAsync());

        // The engine runs in this process: its descriptors are ours to look at, and ours are told apart by their ends.
        using var down = Find((local, remote) => local.Port == port && remote.Port == (peer.Socket.LocalEndPoint as IPEndPoint)?.Port);
        using var up = Find((local, remote) => remote.Port == target.Port && local.Port != port);
        Assert.All(new[] { down, up }, leg => Assert.Equal(1, leg.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.NoDelay)));
        Assert.Equal([1, 60, 15, 4], KeepAlive(down));
        // Most flows are over before keep-alive could matter, so the outgoing leg asks for it only after a while.
        await Eventually.Holds(() => KeepAlive(up) is [1, 60, 15, 4], "keep-alive of the outgoing leg");
    }

    private static int[] KeepAlive(Socket socket) =>
    [
        (int)(socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive) ?? -1),
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime) ?? -1),
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval) ?? -1),
        (int)(socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount) ?? -1),
    ];

    private static Socket Find(Func<IPEndPoint, IPEndPoint, bool> isWanted)
    {
        foreach (var file in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                if (File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) != true)
                {
                    continue;
                }

                var number = int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture);
                var socket = new Socket(new SafeSocketHandle(number, ownsHandle: false));
                if (socket is { LocalEndPoint: IPEndPoint local, RemoteEndPoint: IPEndPoint remote } && isWanted(local, remote))
                {
                    return socket;
                }

                socket.Dispose();
            }
            catch (Exception error) when (error is SocketException or IOException)
            {
                // Closed meanwhile, not connected, or another kind of socket.
            }
        }

        throw new InvalidOperationException("no such leg");
    }
}

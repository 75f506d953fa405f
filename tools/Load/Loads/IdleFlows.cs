using System.Net;
using System.Net.Sockets;
using Portunus.Load.Peers;

namespace Portunus.Load.Loads;

/// <summary>Flows that were used once and are silent since: the target behind them, and both ends held open here.</summary>
internal sealed class IdleFlows : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _open = [];

    public IdleFlows()
    {
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, PeerList.IdleTarget));
        _listener.Listen(1024);
    }

    /// <summary>Opens flows through <paramref name="port"/>, one byte each way on every one, so that all that a flow ever needs was made.</summary>
    public async Task OpenAsync(int port, int count, CancellationToken stop)
    {
        var octet = new byte[1];
        for (var index = 0; index < count; index++)
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(stop);
            bound.CancelAfter(s_patience);
            var near = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await near.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), bound.Token);
            var far = Keep(await _listener.AcceptAsync(bound.Token));
            await PassAsync(near, far, octet, bound.Token);
            await PassAsync(far, near, octet, bound.Token);
        }
    }

    /// <summary>Ends all flows from the near side.</summary>
    public void CloseAll()
    {
        foreach (var socket in _open)
        {
            socket.Dispose();
        }

        _open.Clear();
    }

    public void Dispose()
    {
        CloseAll();
        _listener.Dispose();
    }

    private static async Task PassAsync(Socket from, Socket to, byte[] octet, CancellationToken stop)
    {
        await from.SendAsync(octet, stop);
        if (await to.ReceiveAsync(octet, stop) != 1)
        {
            throw new InvalidOperationException("a flow ended before it was idle");
        }
    }

    private Socket Keep(Socket socket)
    {
        _open.Add(socket);
        return socket;
    }
}

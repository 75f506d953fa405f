using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Portunus.Tests.Kit;

/// <summary>A listening target on port 0 whose connections the test takes one by one.</summary>
internal sealed class LoopbackTarget : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Channel<Peer> _accepted = Channel.CreateUnbounded<Peer>();
    private readonly List<Peer> _all = [];
    private readonly Func<Peer, Task>? _serve;
    private readonly Task _accepting;

    /// <summary>With <paramref name="serve"/>, each connection is served by it instead of being handed out.</summary>
    public LoopbackTarget(Func<Peer, Task>? serve = null, IPAddress? address = null, int port = 0, int? receiveBuffer = null)
    {
        _serve = serve;
        Address = address ?? IPAddress.Loopback;
        _listener = new Socket(Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } bytes)
        {
            _listener.ReceiveBufferSize = bytes;
        }

        _listener.Bind(new IPEndPoint(Address, port));
        _listener.Listen(4096);
        Port = (_listener.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        _accepting = AcceptAsync();
    }

    public IPAddress Address { get; }

    public int Port { get; }

    /// <summary>Connections seen so far.</summary>
    public int Count
    {
        get
        {
            lock (_all)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>Sends back whatever comes, and FIN after FIN.</summary>
    public static LoopbackTarget Echo(IPAddress? address = null, int port = 0) => new(EchoAsync, address, port);

    public Task<Peer> AcceptedAsync() => Eventually.Within(_accepted.Reader.ReadAsync().AsTask());

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        lock (_all)
        {
            foreach (var peer in _all)
            {
                peer.Dispose();
            }
        }
    }

    private static async Task EchoAsync(Peer peer)
    {
        var buffer = new byte[65536];
        while (true)
        {
            var received = await peer.Socket.ReceiveAsync(buffer, SocketFlags.None);
            if (received == 0)
            {
                peer.EndSending();
                return;
            }

            await peer.SendAsync(buffer.AsMemory(0, received));
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            var peer = new Peer(socket);
            lock (_all)
            {
                _all.Add(peer);
            }

            if (_serve is null)
            {
                await _accepted.Writer.WriteAsync(peer);
            }
            else
            {
                _ = ServeAsync(peer);
            }
        }
    }

    private async Task ServeAsync(Peer peer)
    {
        try
        {
            await (_serve?.Invoke(peer) ?? Task.CompletedTask);
        }
        catch (SocketException)
        {
            // The test ended the connection in its own way; what it expects of that it checks on its side.
        }
        catch (ObjectDisposedException)
        {
            // As above: the target was disposed while a connection was open.
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>A source of datagrams towards one listening port.</summary>
internal sealed class DatagramPeer : IDisposable
{
    private readonly IPEndPoint _to;
    private readonly byte[] _buffer = new byte[65536];

    public DatagramPeer(int port, IPAddress? to = null, IPEndPoint? from = null)
    {
        _to = new IPEndPoint(to ?? IPAddress.Loopback, port);
        Socket = new Socket(_to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024 };
        Socket.Bind(from ?? new IPEndPoint(_to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
    }

    public Socket Socket { get; }

    public IPEndPoint Local => (IPEndPoint)(Socket.LocalEndPoint ?? _to);

    public void Send(params byte[] payload) => Socket.SendTo(payload, _to);

    /// <summary>The next datagram and who sent it.</summary>
    public async Task<Datagram> ReceiveAsync()
    {
        var any = new IPEndPoint(_to.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var got = await Eventually.Within(Socket.ReceiveFromAsync(_buffer, any));
        return new Datagram(_buffer[..got.ReceivedBytes], (IPEndPoint)got.RemoteEndPoint);
    }

    /// <summary>Sends and takes one answer.</summary>
    public async Task<byte[]> AskAsync(params byte[] payload)
    {
        Send(payload);
        return (await ReceiveAsync()).Payload;
    }

    public void Dispose() => Socket.Dispose();
}

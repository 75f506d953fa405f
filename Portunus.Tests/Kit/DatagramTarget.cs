using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Portunus.Tests.Kit;

/// <summary>One datagram and who sent it.</summary>
internal sealed record Datagram(byte[] Payload, IPEndPoint From);

/// <summary>A UDP target on a port of its own: hands out what comes, or answers each datagram by what a test asks for.</summary>
internal sealed class DatagramTarget : IAsyncDisposable
{
    private readonly Channel<Datagram> _received = Channel.CreateUnbounded<Datagram>();
    private readonly Func<Datagram, IEnumerable<byte[]>>? _answer;
    private readonly Task _receiving;
    private int _count;

    public DatagramTarget(Func<Datagram, IEnumerable<byte[]>>? answer = null, IPAddress? address = null, int port = 0)
    {
        _answer = answer;
        Address = address ?? IPAddress.Loopback;
        Socket = new Socket(Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024 };
        Socket.Bind(new IPEndPoint(Address, port));
        Port = (Socket.LocalEndPoint as IPEndPoint)?.Port ?? 0;
        _receiving = ReceiveAsync();
    }

    public IPAddress Address { get; }

    public int Port { get; }

    public Socket Socket { get; }

    /// <summary>Datagrams received so far.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Sends each datagram back.</summary>
    public static DatagramTarget Echo(IPAddress? address = null, int port = 0) => new(datagram => [datagram.Payload], address, port);

    public Task<Datagram> NextAsync() => Eventually.Within(_received.Reader.ReadAsync().AsTask());

    public async ValueTask DisposeAsync()
    {
        Socket.Dispose();
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var any = new IPEndPoint(Address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
                var got = await Socket.ReceiveFromAsync(buffer, any);
                var datagram = new Datagram(buffer[..got.ReceivedBytes], (IPEndPoint)got.RemoteEndPoint);
                Interlocked.Increment(ref _count);
                foreach (var answer in _answer?.Invoke(datagram) ?? [])
                {
                    await Socket.SendToAsync(answer, datagram.From);
                }

                if (_answer is null)
                {
                    await _received.Writer.WriteAsync(datagram);
                }
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
            {
                // Whoever was answered has gone meanwhile.
            }
            catch (SocketException)
            {
                return;
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }
}

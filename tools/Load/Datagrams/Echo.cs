using System.Net;
using System.Net.Sockets;

namespace Portunus.Load.Datagrams;

/// <summary>A target that sends every datagram back to where it came from, on a thread of its own.</summary>
internal sealed class Echo : IDisposable
{
    private const int Buffer = 4 << 20;
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = Buffer, SendBufferSize = Buffer };
    private readonly Task _echoing;
    private bool _isOver;

    public Echo(int port)
    {
        _socket.ReceiveTimeout = 100;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _echoing = LoadThread.RunAsync("echo", DatagramSink.Nice, Answer);
    }

    public void Dispose()
    {
        Volatile.Write(ref _isOver, true);
        _echoing.GetAwaiter().GetResult();
        _socket.Dispose();
    }

    private void Answer()
    {
        var buffer = new byte[ushort.MaxValue];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        while (!Volatile.Read(ref _isOver))
        {
            try
            {
                var length = _socket.ReceiveFrom(buffer, SocketFlags.None, from);
                _socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, from);
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.ConnectionRefused)
            {
                // Nobody asks at the moment, or somebody has gone who asked.
            }
        }
    }
}

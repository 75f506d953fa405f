using System.Net;
using System.Net.Sockets;
using Portunus.Load.Machine;

namespace Portunus.Load.Datagrams;

/// <summary>
/// The target of the loads. It stays open over all runs, since a closed one would be answered by ICMP. It takes datagrams as a
/// machine of its own would: from a large buffer and every 200 µs, so that no forwarder pays for waking it.
/// </summary>
internal sealed class DatagramSink : IDisposable
{
    public const int Nice = -10;
    private const int Buffer = 64 << 20;
    private const int ForcedReceiveBuffer = 33; // SO_RCVBUFFORCE, which no sysctl bounds
    private const int SocketLevel = 1;
    private static readonly TimeSpan s_look = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(100);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly int _port;
    private bool _isOver;

    public DatagramSink(int port)
    {
        _port = port;
        _socket.SetRawSocketOption(SocketLevel, ForcedReceiveBuffer, BitConverter.GetBytes(Buffer));
        _socket.ReceiveTimeout = (int)s_quiet.TotalMilliseconds;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
    }

    /// <summary>Datagrams that the sink itself lost since it was opened: whatever comes of them is not the forwarder's doing.</summary>
    public long Dropped => BoundPorts.DroppedAt(_port);

    /// <summary>Counts on a thread of its own until the load is over and nothing has come for a tenth of a second.</summary>
    public Task CountAsync(SinkCount count)
    {
        Volatile.Write(ref _isOver, false);
        return LoadThread.RunAsync("sink", Nice, () => Take(count));
    }

    /// <summary>Nothing more will be sent.</summary>
    public void Over() => Volatile.Write(ref _isOver, true);

    public void Dispose() => _socket.Dispose();

    private void Take(SinkCount count)
    {
        using var batch = new ReceiveBatch();
        var handle = (int)_socket.Handle;
        while (true)
        {
            var received = batch.Receive(handle, count);
            if (received == 0 && Volatile.Read(ref _isOver))
            {
                return;
            }

            if (received < ReceiveBatch.Count)
            {
                DatagramCalls.Sleep(s_look);
            }
        }
    }
}

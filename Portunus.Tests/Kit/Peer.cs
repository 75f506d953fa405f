using System.Net;
using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>One end of a TCP connection in a test, with every wait bounded.</summary>
internal sealed class Peer : IDisposable
{
    public Peer(Socket socket)
    {
        Socket = socket;
        Socket.NoDelay = true;
    }

    public Socket Socket { get; }

    public static async Task<Peer> ConnectAsync(int port, IPAddress? address = null, int? receiveBuffer = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        await Eventually.Within(socket.ConnectAsync(new IPEndPoint(address, port)));
        return new Peer(socket);
    }

    /// <summary>
    /// Connects and is reset without a byte. A reset can arrive before the connect call has looked at its result, which then
    /// tells of the reset.
    /// </summary>
    public static async Task ConnectToBeResetAsync(int port, IPAddress? address = null)
    {
        Peer peer;
        try
        {
            peer = await ConnectAsync(port, address);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return;
        }

        using (peer)
        {
            Assert.Empty(await peer.ReceiveToResetAsync());
        }
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var sent = await Eventually.Within(Socket.SendAsync(bytes, SocketFlags.None).AsTask());
            bytes = bytes[sent..];
        }
    }

    /// <summary>Exactly this many bytes; fails on an early end.</summary>
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var buffer = new byte[count];
        var got = 0;
        while (got < count)
        {
            var received = await Eventually.Within(Socket.ReceiveAsync(buffer.AsMemory(got), SocketFlags.None).AsTask());
            Assert.True(received > 0, $"the connection ended after {got} of {count} bytes");
            got += received;
        }

        return buffer;
    }

    /// <summary>Everything up to the peer's FIN.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        var all = new MemoryStream();
        var buffer = new byte[65536];
        while (true)
        {
            var received = await Eventually.Within(Socket.ReceiveAsync(buffer, SocketFlags.None));
            if (received == 0)
            {
                return all.ToArray();
            }

            all.Write(buffer, 0, received);
        }
    }

    /// <summary>Everything up to a RST, and that it was one.</summary>
    public async Task<byte[]> ReceiveToResetAsync()
    {
        var all = new MemoryStream();
        var buffer = new byte[65536];
        while (true)
        {
            try
            {
                var received = await Eventually.Within(Socket.ReceiveAsync(buffer, SocketFlags.None));
                Assert.True(received > 0, $"FIN after {all.Length} bytes where a reset was expected");
                all.Write(buffer, 0, received);
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
            {
                return all.ToArray();
            }
        }
    }

    public void EndSending() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>Closes with RST.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, 0);
        Socket.Dispose();
    }

    public void Dispose() => Socket.Dispose();
}

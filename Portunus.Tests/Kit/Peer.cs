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

    public static async Task<Peer> ConnectAsync(int port, IPAddress? address = null, int? receiveBuffer = null, IPAddress? from = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (receiveBuffer is { } bytes)
        {
            socket.ReceiveBufferSize = bytes;
        }

        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
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

    /// <summary>Sends zeros until told to stop or until the connection ends; answers how many the kernel took.</summary>
    public async Task<long> PourAsync(CancellationToken stop)
    {
        var block = new byte[128 * 1024];
        var sent = 0L;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                sent += await Socket.SendAsync(block, SocketFlags.None, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop while the buffers were full.
        }
        catch (SocketException)
        {
            // Ended by the other side, which the test looks at there.
        }
        catch (ObjectDisposedException)
        {
            // Ended by the test.
        }

        return sent;
    }

    /// <summary>Reads and forgets until the connection ends in any way; answers how much came.</summary>
    public async Task<long> DiscardAsync()
    {
        var block = new byte[128 * 1024];
        var got = 0L;
        try
        {
            while (true)
            {
                var received = await Socket.ReceiveAsync(block, SocketFlags.None);
                if (received == 0)
                {
                    return got;
                }

                got += received;
            }
        }
        catch (SocketException)
        {
            return got;
        }
        catch (ObjectDisposedException)
        {
            return got;
        }
    }

    /// <summary>Whether a connection is served by an echo, or reset without a byte.</summary>
    public static async Task<bool> IsServedAsync(int port, IPAddress? address = null, IPAddress? from = null)
    {
        try
        {
            using var peer = await ConnectAsync(port, address, from: from);
            return await peer.EchoesAsync();
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }

    /// <summary>Whether a byte comes back, or a reset.</summary>
    public async Task<bool> EchoesAsync()
    {
        try
        {
            await SendAsync("x"u8.ToArray());
            await ReceiveAsync(1);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return false;
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

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Soaks.Streams;

/// <summary>Answers short connections: eight bytes of seed come, and the bytes that follow from the seed go back.</summary>
internal sealed class ExchangeTarget : IAsyncDisposable
{
    public const int RequestBytes = 8;
    public const int AnswerBytes = 200;

    private readonly Exchange _exchange;
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<Socket, byte> _live = new();
    private readonly Task _accepting;

    public ExchangeTarget(IPEndPoint place, Exchange exchange)
    {
        _exchange = exchange;
        _listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(place);
        _listener.Listen(4096);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var socket in _live.Keys)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptAsync();
                _live[socket] = 0;
                _ = ServeAsync(socket);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // Gone before it was taken.
            }
            catch (Exception error) when (error is ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[AnswerBytes];
            if (await ExchangeSocket.FillAsync(socket, buffer.AsMemory(0, RequestBytes)) < RequestBytes)
            {
                return;
            }

            var seed = BinaryPrimitives.ReadUInt64LittleEndian(buffer);
            if (_exchange == Exchange.HalfClosed)
            {
                await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.None);
            }

            Pattern.Fill(buffer, seed, 0);
            await socket.SendAsync(buffer.AsMemory(), SocketFlags.None);
            switch (_exchange)
            {
                case Exchange.ClosedByTarget:
                    socket.Shutdown(SocketShutdown.Send);
                    break;
                case Exchange.ResetByTarget:
                    // Its word that the answer has arrived: a reset throws away what has not.
                    await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.None);
                    socket.LingerState = new LingerOption(true, 0);
                    return;
            }

            if (_exchange != Exchange.HalfClosed)
            {
                await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.None);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other side resets, as some are asked to.
        }
        finally
        {
            socket.Dispose();
            _live.TryRemove(socket, out _);
        }
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Soaks.Streams;

/// <summary>The connecting side of a short connection.</summary>
internal static class ExchangeSocket
{
    /// <summary>Makes one connection from its beginning to its end; null if all went as it should, else a sentence.</summary>
    public static async Task<string?> RunAsync(IPEndPoint edge, Exchange exchange, ulong seed, CancellationToken cut)
    {
        using var socket = new Socket(edge.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(edge, cut);
        }
        catch (SocketException error) when (exchange == Exchange.Refused && IsReset(error))
        {
            // Taken, and reset before this side looked.
            return null;
        }
        catch (SocketException error)
        {
            return $"{exchange}: cannot connect to {edge}: {error.Message}";
        }

        var buffer = new byte[ExchangeTarget.AnswerBytes];
        try
        {
            BinaryPrimitives.WriteUInt64LittleEndian(buffer, seed);
            await socket.SendAsync(buffer.AsMemory(0, ExchangeTarget.RequestBytes), SocketFlags.None, cut);
            if (exchange == Exchange.HalfClosed)
            {
                socket.Shutdown(SocketShutdown.Send);
            }

            var have = await FillAsync(socket, buffer, cut);
            if (exchange == Exchange.Refused)
            {
                return $"{exchange}: {have} bytes and an end, where a reset is due";
            }

            if (have < buffer.Length || Pattern.FirstWrong(buffer, seed, 0) >= 0)
            {
                return $"{exchange}: the answer has {have} bytes, or is not the one to this request";
            }

            return await EndAsync(socket, exchange, buffer, cut);
        }
        catch (SocketException error)
        {
            return exchange == Exchange.Refused && IsReset(error) ? null : $"{exchange}: {error.Message}";
        }
    }

    /// <summary>Reads until the buffer is full or the stream ends; answers how many bytes came.</summary>
    public static async Task<int> FillAsync(Socket socket, Memory<byte> buffer, CancellationToken cut = default)
    {
        var have = 0;
        while (have < buffer.Length && await socket.ReceiveAsync(buffer[have..], SocketFlags.None, cut) is > 0 and var read)
        {
            have += read;
        }

        return have;
    }

    private static async Task<string?> EndAsync(Socket socket, Exchange exchange, byte[] buffer, CancellationToken cut)
    {
        switch (exchange)
        {
            case Exchange.Reset:
                socket.LingerState = new LingerOption(true, 0);
                return null;
            case Exchange.ResetByTarget:
                await socket.SendAsync(buffer.AsMemory(0, 1), SocketFlags.None, cut);
                try
                {
                    await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.None, cut);
                    return $"{exchange}: an end, where a reset is due";
                }
                catch (SocketException error) when (IsReset(error))
                {
                    return null;
                }

            case Exchange.Closed:
                socket.Shutdown(SocketShutdown.Send);
                break;
        }

        return await socket.ReceiveAsync(buffer.AsMemory(0, 1), SocketFlags.None, cut) == 0 ? null : $"{exchange}: more bytes than were sent";
    }

    private static bool IsReset(SocketException error) => error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown;
}

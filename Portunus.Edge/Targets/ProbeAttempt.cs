using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Portunus.Edge.Loop;

namespace Portunus.Edge.Targets;

/// <summary>One probe of one address, by an ordinary socket off the loops.</summary>
internal static class ProbeAttempt
{
    // Answers are judged by how they begin; what is beyond is cut off.
    private const int DatagramRoom = 4096;

    // ip(7), ipv6(7): without it only "port unreachable" is told, not that host or network are.
    private const int LevelIp = 0;
    private const int ReceiveErrors = 11;
    private const int LevelIpv6 = 41;
    private const int ReceiveErrors6 = 25;

    /// <summary>Never throws for what the target or the network does; throws where <paramref name="stop"/> is cancelled.</summary>
    /// <param name="address">Whom to ask.</param>
    /// <param name="model">What, and for how long to wait.</param>
    /// <param name="preface">Bytes that stand before whatever is sent; empty for none.</param>
    public static async Task<ProbeResult> MakeAsync(IPEndPoint address, ProbeModel model, byte[] preface, TimeProvider time, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(model.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var begun = LoopClock.Now;
        try
        {
            var reason = model.IsConnect
                ? await ConnectAsync(address, preface, either.Token)
                : await AskAsync(address, model.Ask(), preface, either.Token);
            return reason is null
                ? new ProbeResult(ProbeVerdict.Answered, LoopClock.Now - begun, "")
                : new ProbeResult(ProbeVerdict.Failed, 0, reason);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new ProbeResult(ProbeVerdict.Failed, 0, $"{address} gives no answer to it within {model.Timeout.TotalSeconds} s");
        }
        catch (SocketException error)
        {
            return new ProbeResult(IsOurs(error.SocketErrorCode) ? ProbeVerdict.NotMade : ProbeVerdict.Failed, 0, $"{address}: {error.Message}");
        }
    }

    /// <summary>Null when it went well, else why not.</summary>
    private static async Task<string?> ConnectAsync(IPEndPoint address, byte[] preface, CancellationToken stop)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, stop);
        if (HasMetItself(socket))
        {
            return $"nobody listens on {address}";
        }

        if (preface.Length > 0)
        {
            await socket.SendAsync(preface, SocketFlags.None, stop);
        }

        return null;
    }

    private static async Task<string?> AskAsync(IPEndPoint address, ProbeQuestion question, byte[] preface, CancellationToken stop)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        var (level, option) = address.AddressFamily == AddressFamily.InterNetwork ? (LevelIp, ReceiveErrors) : (LevelIpv6, ReceiveErrors6);
        socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
        await socket.ConnectAsync(address, stop);
        if (HasMetItself(socket))
        {
            return $"nobody listens on {address}";
        }

        await socket.SendAsync((byte[])[.. preface, .. question.Bytes], SocketFlags.None, stop);
        var room = ArrayPool<byte>.Shared.Rent(DatagramRoom);
        try
        {
            while (!question.IsAnsweredBy(room.AsSpan(0, await socket.ReceiveAsync(room, SocketFlags.None, stop))))
            {
                // Forged, late, or from something else on that port: the answer may still come.
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(room);
        }

        return null;
    }

    /// <summary>The kernel may choose as our port the very one that is probed: on this machine one would then answer oneself.</summary>
    private static bool HasMetItself(Socket socket) => Equals(socket.LocalEndPoint, socket.RemoteEndPoint);

    /// <summary>No descriptors, memory or ports are left here.</summary>
    private static bool IsOurs(SocketError error) => error is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
        or SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse or SocketError.WouldBlock or SocketError.ProcessLimit;
}

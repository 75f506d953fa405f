using System.Net.Sockets;

namespace Portunus.Edge.Scrape;

/// <summary>One connection: a head within bounds of size and time, one answer, the end.</summary>
internal sealed class ScrapeConnection : IDisposable
{
    /// <summary>What the head of a request may be long, in bytes.</summary>
    public const int MostHead = 8192;

    /// <summary>What a whole request and its answer may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private const int MostLinger = 65536;

    private readonly Socket _socket;
    private readonly TimeProvider _time;

    public ScrapeConnection(Socket socket, TimeProvider time)
    {
        _socket = socket;
        _time = time;
    }

    /// <summary>Never throws for what a peer does; what <paramref name="answer"/> throws is its own.</summary>
    public async Task ServeAsync(Func<ScrapeRequest, ScrapeAnswer> answer, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        try
        {
            var request = await ReadAsync(either.Token);
            if (request is { } one)
            {
                var said = one.Refusal == 0 ? answer(one) : ScrapeAnswer.Of(one.Refusal);
                await SendAsync(said.ToBytes(headOnly: one.Method == "HEAD"), either.Token);
                await LingerAsync(either.Token);
            }
        }
        catch (SocketException)
        {
            // The peer has gone.
        }
        catch (OperationCanceledException)
        {
            // Out of time, or the edge stops. A peer that has sent half a head in all that time gets no answer.
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Null where the peer ended before its request did.</summary>
    private async Task<ScrapeRequest?> ReadAsync(CancellationToken stop)
    {
        var buffer = new byte[MostHead];
        var length = 0;
        while (true)
        {
            var got = await _socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, stop);
            if (got == 0)
            {
                return null;
            }

            length += got;
            var end = ScrapeRequest.FindEnd(buffer.AsSpan(0, length));
            if (end >= 0)
            {
                return ScrapeRequest.Read(buffer.AsSpan(0, end));
            }

            if (length == buffer.Length)
            {
                return new ScrapeRequest("", "", 431);
            }
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, stop)..];
        }
    }

    /// <summary>
    /// Takes in what the peer still sends, within bounds: closing over unread bytes is a RST, which can overtake the answer
    /// (RFC 9112, 9.6).
    /// </summary>
    private async Task LingerAsync(CancellationToken stop)
    {
        _socket.Shutdown(SocketShutdown.Send);
        var buffer = new byte[4096];
        var taken = 0;
        while (taken < MostLinger)
        {
            var got = await _socket.ReceiveAsync(buffer, SocketFlags.None, stop);
            if (got == 0)
            {
                return;
            }

            taken += got;
        }
    }
}

using System.Net.Sockets;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Streams;

/// <summary>One way of a stream: a writer at one end and a reader at the other, both of which count.</summary>
internal sealed class StreamWay(ulong seed, string name, Findings findings)
{
    private long _sent;
    private long _received;

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>All of them as they should be.</summary>
    public long Received => Volatile.Read(ref _received);

    /// <summary>The reader met the end of the stream.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Writes up to <paramref name="length"/> more bytes at the given pace, or until <paramref name="stop"/>.</summary>
    public async Task WriteAsync(Socket socket, long length, long bytesPerSecond, CancellationToken stop)
    {
        var chunk = bytesPerSecond > 0 ? (int)Math.Clamp(bytesPerSecond / 20, 1, 64 * 1024) : 256 * 1024;
        var buffer = new byte[(int)Math.Min(chunk, length)];
        var pace = new Pace(bytesPerSecond);
        while (length > 0 && !stop.IsCancellationRequested)
        {
            var part = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length));
            Pattern.Fill(part.Span, seed, _sent);
            // Before the write: the reader may have the bytes before it returns. What a broken write did not send is not counted on.
            Volatile.Write(ref _sent, _sent + part.Length);
            await socket.SendAsync(part, SocketFlags.None, CancellationToken.None);
            length -= part.Length;
            await pace.PassedAsync(part.Length, stop);
        }
    }

    /// <summary>Reads and checks until the end of the stream. Answers false on the first wrong byte, which is a finding.</summary>
    public async Task<bool> ReadAsync(Socket socket, CancellationToken cut)
    {
        var buffer = new byte[128 * 1024];
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, cut);
            if (read == 0)
            {
                HasEnded = true;
                return true;
            }

            var offset = _received;
            if (Pattern.FirstWrong(buffer.AsSpan(0, read), seed, offset) is >= 0 and var wrong)
            {
                findings.Add($"{name}: the byte at offset {offset + wrong} is not the one that was sent");
                return false;
            }

            if (offset + read > Sent)
            {
                findings.Add($"{name}: {offset + read} bytes arrived, only {Sent} were sent");
            }

            Volatile.Write(ref _received, offset + read);
        }
    }
}

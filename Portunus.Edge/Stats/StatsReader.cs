using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Stats;

/// <summary>
/// One connected reader. It is handed only the newest line: one that reads slowly misses some, one that does not read at all
/// is dropped, and neither is waited for by anybody.
/// </summary>
internal sealed class StatsReader : IDisposable
{
    /// <summary>What one line may take to leave.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private static readonly byte[] s_lineEnd = "\n"u8.ToArray();

    private readonly Socket _socket;
    private readonly byte[]? _first;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<byte[]> _newest = Channel.CreateBounded<byte[]>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <param name="socket">Of the reader, from here on owned.</param>
    /// <param name="first">What this reader is sent before anything offered.</param>
    public StatsReader(Socket socket, byte[]? first, TimeProvider time, ILogger log)
    {
        _socket = socket;
        _first = first;
        _time = time;
        _log = log;
    }

    /// <summary>Replaces what the reader has not been sent yet.</summary>
    public void Offer(byte[] line) => _newest.Writer.TryWrite(line);

    /// <summary>Sends what is offered until the reader goes, is stuck or <paramref name="stop"/> says so.</summary>
    public async Task ServeAsync(CancellationToken stop)
    {
        try
        {
            if (_first is not null)
            {
                await SendLineAsync(_first, stop);
            }

            await foreach (var line in _newest.Reader.ReadAllAsync(stop))
            {
                await SendLineAsync(line, stop);
            }
        }
        catch (SocketException)
        {
            // The reader has gone: that is how a reader says that it has seen enough.
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The edge stops.
        }
        catch (OperationCanceledException)
        {
            _log.ReaderStuck(Deadline.TotalSeconds);
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task SendLineAsync(byte[] line, CancellationToken stop)
    {
        await SendAsync(line, stop);
        await SendAsync(s_lineEnd, stop);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
        while (bytes.Length > 0)
        {
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, either.Token)..];
        }
    }
}

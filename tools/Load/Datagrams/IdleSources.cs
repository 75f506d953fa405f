using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Load.Datagrams;

/// <summary>Flows of datagrams that were used once each way and are silent since. One socket is all their far sides.</summary>
internal sealed class IdleSources : IDisposable
{
    private const int Size = 64;
    private const int Attempts = 5;
    private static readonly TimeSpan s_apart = TimeSpan.FromMicroseconds(200);
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, ReceiveTimeout = 200 };
    private readonly uint _run = (uint)Random.Shared.Next();

    public IdleSources() => _socket.Bind(new IPEndPoint(IPAddress.Any, SourceList.Port + 1));

    /// <summary>Opens flows <paramref name="from"/> up to but not <paramref name="to"/>; throws unless each had its answer.</summary>
    public async Task OpenAsync(int port, int from, int to, CancellationToken stop)
    {
        var waiting = Enumerable.Range(from, to - from).ToHashSet();
        for (var attempt = 0; attempt < Attempts && waiting.Count > 0; attempt++)
        {
            var asking = waiting.Order().ToArray();
            var answers = LoadThread.RunAsync("answers", 0, () => TakeAnswers(waiting));
            await LoadThread.RunAsync("opener", 0, () => Ask(port, asking, stop));
            await answers;
            stop.ThrowIfCancellationRequested();
        }

        if (waiting.Count > 0)
        {
            throw new InvalidOperationException($"{waiting.Count} of {to - from} flows through port {port} had no answer");
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Ask(int port, IReadOnlyList<int> flows, CancellationToken stop)
    {
        using var batch = new SendBatch(port, Size, SourceList.Most);
        foreach (var flow in flows)
        {
            if (stop.IsCancellationRequested)
            {
                return;
            }

            batch.SendOne((int)_socket.Handle, _run, flow);
            DatagramCalls.Sleep(s_apart);
        }
    }

    /// <summary>Until all have come or nothing came for a while.</summary>
    private void TakeAnswers(HashSet<int> waiting)
    {
        var buffer = new byte[Size + 1];
        var last = Stopwatch.GetTimestamp();
        while (waiting.Count > 0 && Stopwatch.GetElapsedTime(last) < TimeSpan.FromSeconds(1))
        {
            try
            {
                if (Stamp.TryRead(buffer.AsSpan(0, _socket.Receive(buffer)), out var stamp) && stamp.Run == _run && waiting.Remove((int)stamp.Number))
                {
                    last = Stopwatch.GetTimestamp();
                }
            }
            catch (SocketException fault) when (fault.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
            {
                // Looks at the clock.
            }
        }
    }
}

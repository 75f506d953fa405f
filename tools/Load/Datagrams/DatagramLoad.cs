using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Load.Datagrams;

/// <summary>
/// Numbered datagrams at a steady rate through a forwarder into the sink. They leave plain, one by one as far as the network is
/// concerned (no UDP_SEGMENT), so that nothing arrives joined together that would not come so from a wire.
/// </summary>
internal sealed class DatagramLoad(DatagramSink sink) : IDisposable
{
    private const int PrimeSize = 64;
    private const int PrimeRate = 20_000;
    private const int PrimeAttempts = 5;
    private static readonly TimeSpan s_spin = TimeSpan.FromMicroseconds(20);
    private readonly Socket _socket = Open();
    private uint _run;

    /// <summary>Sends for some time at <paramref name="bitsPerSecond"/> of payload, flows taking turns.</summary>
    public Task<DatagramResult> RunAsync(int port, int flows, int size, double bitsPerSecond, TimeSpan time, CancellationToken stop) =>
        RunAsync(port, flows, size, bitsPerSecond, time, (long)(bitsPerSecond / 8 / size * time.TotalSeconds), stop);

    /// <summary>Opens the flows, so that a measurement is of datagrams and not of that. Repeats until one datagram of each arrived.</summary>
    public async Task OpenFlowsAsync(int port, int flows, CancellationToken stop)
    {
        for (var attempt = 0; attempt < PrimeAttempts; attempt++)
        {
            var result = await RunAsync(port, flows, PrimeSize, PrimeRate * PrimeSize * 8.0, TimeSpan.FromSeconds(5), flows, stop);
            if (result.Received == flows)
            {
                return;
            }
        }

        throw new InvalidOperationException($"{flows} flows through port {port} did not open");
    }

    public void Dispose() => _socket.Dispose();

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Any, SourceList.Port));
        return socket;
    }

    private async Task<DatagramResult> RunAsync(int port, int flows, int size, double bitsPerSecond, TimeSpan time, long most, CancellationToken stop)
    {
        var count = new SinkCount(++_run, flows, size, most);
        var dropped = sink.Dropped;
        var counting = sink.CountAsync(count);
        var (sent, seconds) = (0L, 0.0);
        try
        {
            await LoadThread.RunAsync("sender", DatagramSink.Nice, () => (sent, seconds) = Send(port, flows, size, bitsPerSecond / 8 / size, time, most, stop));
        }
        finally
        {
            sink.Over();
            await counting;
        }

        stop.ThrowIfCancellationRequested();
        return new DatagramResult(
            size, bitsPerSecond, sent, seconds, count.Received, count.Doubled + count.Misrouted + count.Foreign, count.Reordered, sink.Dropped - dropped);
    }

    private (long Sent, double Seconds) Send(int port, int flows, int size, double perSecond, TimeSpan time, long most, CancellationToken stop)
    {
        using var batch = new SendBatch(port, size, flows);
        var handle = (int)_socket.Handle;
        var begin = Stopwatch.GetTimestamp();
        var end = begin + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var pace = new Pace(perSecond, Stopwatch.Frequency, begin);
        var sent = 0L;
        while (sent < most && !stop.IsCancellationRequested)
        {
            WaitUntil(pace.Next);
            if (Stopwatch.GetTimestamp() >= end)
            {
                break;
            }

            sent += batch.Send(handle, _run, sent, (int)Math.Min(pace.Burst, most - sent));
            pace.Left(Stopwatch.GetTimestamp());
        }

        return (sent, Stopwatch.GetElapsedTime(begin).TotalSeconds);
    }

    /// <summary>Sleeps for most of it and looks at the clock for the rest.</summary>
    private static void WaitUntil(long moment)
    {
        for (var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment); left > TimeSpan.Zero; left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), moment))
        {
            if (left > s_spin)
            {
                DatagramCalls.Sleep(left - s_spin);
            }
        }
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Load.Datagrams;

/// <summary>Light load: a request of 200 bytes every millisecond over one flow, and its answer.</summary>
internal static class EchoLoad
{
    private const int Size = 200;
    private static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    public static async Task<EchoResult> RunAsync(int port, TimeSpan time, CancellationToken stop)
    {
        EchoResult? result = null;
        await LoadThread.RunAsync("request", DatagramSink.Nice, () => result = Ask(port, time, stop));
        stop.ThrowIfCancellationRequested();
        return result!;
    }

    private static EchoResult Ask(int port, TimeSpan time, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        var run = (uint)Random.Shared.Next();
        var request = new byte[Size];
        var answer = new byte[Size + 1];
        var taken = new List<double>((int)(time / s_every) + 1);

        // The first answer opens the flow and is not counted.
        TryAsk(socket, request, answer, new Stamp(run, 0));
        var (begin, asked) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(begin) < time && !stop.IsCancellationRequested)
        {
            var before = Stopwatch.GetTimestamp();
            if (TryAsk(socket, request, answer, new Stamp(run, (ulong)++asked)))
            {
                taken.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
            }

            if (s_every - Stopwatch.GetElapsedTime(before) is { Ticks: > 0 } left)
            {
                DatagramCalls.Sleep(left);
            }
        }

        taken.Sort();
        return new EchoResult(asked, taken);
    }

    /// <summary>False when no answer to this request came; answers to earlier ones are passed over.</summary>
    private static bool TryAsk(Socket socket, byte[] request, byte[] answer, Stamp stamp)
    {
        try
        {
            stamp.Write(request);
            socket.Send(request);
            while (!(Stamp.TryRead(answer.AsSpan(0, socket.Receive(answer)), out var come) && come == stamp))
            {
            }

            return true;
        }
        catch (SocketException fault) when (fault.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock or SocketError.ConnectionRefused)
        {
            return false;
        }
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Hosting;

/// <summary>
/// Tells the service manager how far the process is, by the protocol of sd_notify(3): one datagram of NAME=value lines to the
/// unix socket that <c>NOTIFY_SOCKET</c> names. Without that variable it does nothing.
/// </summary>
internal sealed class ServiceNotice(string? place, ILogger<ServiceNotice> log)
{
    /// <summary>The variable that names the socket.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>The rules listen, at the start or again after a reload.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The file is being read again. With the time of CLOCK_MONOTONIC, by which a manager tells this reload from an older one.</summary>
    public void Reloading() => Send($"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}");

    /// <summary>No longer accepting; asks for as long as the drain may take, lest the manager loses patience first.</summary>
    public void Stopping(string status, TimeSpan drain) =>
        Send($"STOPPING=1\nSTATUS={status}\nEXTEND_TIMEOUT_USEC={(long)(drain + TimeSpan.FromSeconds(10)).TotalMicroseconds}");

    /// <summary>One line for whoever asks the manager.</summary>
    public void Status(string status) => Send($"STATUS={status.ReplaceLineEndings(" ")}");

    private void Send(string lines)
    {
        if (string.IsNullOrEmpty(place))
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            // A leading @ stands for the zero byte of the abstract namespace (unix(7)).
            socket.Connect(new UnixDomainSocketEndPoint(place[0] == '@' ? '\0' + place[1..] : place));
            socket.Send(Encoding.UTF8.GetBytes(lines));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            log.NoticeFailed(place, error.Message);
        }
    }

    // On Linux the stopwatch reads CLOCK_MONOTONIC in nanoseconds.
    private static long MonotonicMicroseconds() => (long)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000.0));
}

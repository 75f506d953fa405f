using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Udp;

/// <summary>Ids 1200–1299.</summary>
internal static partial class UdpLog
{
    [LoggerMessage(1200, LogLevel.Error, "The receiver of port {Port} failed; it goes on with the next datagrams")]
    public static partial void ReceiverFailed(this ILogger logger, int port, Exception error);
}

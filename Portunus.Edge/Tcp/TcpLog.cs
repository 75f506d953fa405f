using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;

namespace Portunus.Edge.Tcp;

/// <summary>Ids 1100–1199.</summary>
internal static partial class TcpLog
{
    [LoggerMessage(1100, LogLevel.Warning, "Port {Port} cannot accept ({Error}) and tries again in {DelayMs} ms")]
    public static partial void AcceptPaused(this ILogger logger, int port, Errno error, long delayMs);

    [LoggerMessage(1101, LogLevel.Error, "The acceptor of port {Port} failed; it goes on with the next connection")]
    public static partial void AcceptorFailed(this ILogger logger, int port, Exception error);
}

using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Loop;

/// <summary>Ids 1000–1099.</summary>
internal static partial class LoopLog
{
    [LoggerMessage(1000, LogLevel.Critical, "Event loop {Loop} broke; the process ends")]
    public static partial void LoopBroke(this ILogger logger, int loop, Exception error);

    [LoggerMessage(1001, LogLevel.Error, "An event on loop {Loop} failed; what it belongs to ends")]
    public static partial void EventFailed(this ILogger logger, int loop, Exception error);
}

using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Stats;

/// <summary>Ids 1700–1749.</summary>
internal static partial class StatsLog
{
    [LoggerMessage(1700, LogLevel.Information, "Stats are served on {Path}")]
    public static partial void StatsServed(this ILogger logger, string path);

    [LoggerMessage(1701, LogLevel.Warning, "Stats are not served on {Path}: {Reason}")]
    public static partial void StatsRefused(this ILogger logger, string path, string reason);

    [LoggerMessage(1702, LogLevel.Information, "A reader of stats is turned away: {Most} are connected")]
    public static partial void ReaderTurnedAway(this ILogger logger, int most);

    [LoggerMessage(1703, LogLevel.Information, "A reader of stats has taken nothing for {Seconds} s and is dropped")]
    public static partial void ReaderStuck(this ILogger logger, double seconds);

    [LoggerMessage(1704, LogLevel.Error, "A look at the counters failed; the next one is tried as usual")]
    public static partial void LookFailed(this ILogger logger, Exception error);

    [LoggerMessage(1705, LogLevel.Warning, "Readers of stats cannot be accepted for now: {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string reason);
}

using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Targets;

/// <summary>Ids 1300–1399.</summary>
internal static partial class TargetsLog
{
    [LoggerMessage(1300, LogLevel.Warning, "{Path} cannot be read ({Reason}); names are resolved by what it said before")]
    public static partial void FileUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(1301, LogLevel.Debug, "{Host} has {Count} addresses, good for {Seconds} s")]
    public static partial void NameResolved(this ILogger logger, string host, int count, double seconds);

    [LoggerMessage(1302, LogLevel.Warning, "{Host} has no address: {Reason}")]
    public static partial void NameFailed(this ILogger logger, string host, string reason);

    [LoggerMessage(1303, LogLevel.Warning, "{Host} cannot be looked up again ({Reason}); its old addresses are used for {Seconds} s at most")]
    public static partial void NameStale(this ILogger logger, string host, string reason, double seconds);

    [LoggerMessage(1304, LogLevel.Information, "{Host} is resolved again")]
    public static partial void NameRecovered(this ILogger logger, string host);

    [LoggerMessage(1305, LogLevel.Error, "The lookup of {Host} failed inside; the next one goes on as usual")]
    public static partial void LookupFaulted(this ILogger logger, string host, Exception error);
}

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

    [LoggerMessage(1306, LogLevel.Warning, "{Target} of rule {Rule} is down: {Reason}")]
    public static partial void TargetDown(this ILogger logger, string target, string rule, string reason);

    [LoggerMessage(1307, LogLevel.Information, "{Target} of rule {Rule} is up again")]
    public static partial void TargetUp(this ILogger logger, string target, string rule);

    [LoggerMessage(1308, LogLevel.Debug, "{Target} of rule {Rule} is not probed this time: {Reason}")]
    public static partial void ProbeNotMade(this ILogger logger, string target, string rule, string reason);

    [LoggerMessage(1309, LogLevel.Error, "The probe of {Target} of rule {Rule} failed inside; the next one goes on as usual")]
    public static partial void ProbeFaulted(this ILogger logger, string target, string rule, Exception error);

    [LoggerMessage(1310, LogLevel.Error, "The kernel cannot be asked whose an address is ({Error}), so rules that may not reach this machine reach nothing; AF_NETLINK must be allowed")]
    public static partial void RoutesUnknown(this ILogger logger, Native.Errno error);
}

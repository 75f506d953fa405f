using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Hosting;

/// <summary>Ids 1650–1669.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1650, LogLevel.Information, "{Limit} descriptors are allowed; a flow takes two, and up to four more while it moves bulk")]
    public static partial void DescriptorLimit(this ILogger logger, ulong limit);

    [LoggerMessage(1651, LogLevel.Warning, "Only {Limit} descriptors are allowed, enough for about {Flows} flows; raise the hard limit of open files")]
    public static partial void DescriptorLimitLow(this ILogger logger, ulong limit, ulong flows);

    [LoggerMessage(1652, LogLevel.Warning, "The service manager at {Place} cannot be told: {Reason}")]
    public static partial void NoticeFailed(this ILogger logger, string place, string reason);

    [LoggerMessage(1653, LogLevel.Critical, "portunus-edge ends on an error of its own")]
    public static partial void Fatal(this ILogger logger, Exception error);

    [LoggerMessage(1654, LogLevel.Information, "A signal asks to stop; a second one cuts the flows that are left")]
    public static partial void Stops(this ILogger logger);

    [LoggerMessage(1655, LogLevel.Information, "portunus-edge has stopped")]
    public static partial void Stopped(this ILogger logger);
}

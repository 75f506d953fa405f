using System.Net;
using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Scrape;

/// <summary>Ids 1750–1799.</summary>
internal static partial class ScrapeLog
{
    [LoggerMessage(1750, LogLevel.Information, "Metrics are served on http://{Listen}/metrics")]
    public static partial void MetricsServed(this ILogger logger, IPEndPoint listen);

    [LoggerMessage(1751, LogLevel.Warning, "Metrics are not served on {Listen}: {Reason}")]
    public static partial void MetricsRefused(this ILogger logger, IPEndPoint listen, string reason);

    [LoggerMessage(1752, LogLevel.Error, "A request for {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception error, string path);

    [LoggerMessage(1753, LogLevel.Warning, "Requests for metrics cannot be accepted for now: {Reason}")]
    public static partial void AcceptFailed(this ILogger logger, string reason);
}

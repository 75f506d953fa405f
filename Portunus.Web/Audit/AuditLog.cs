namespace Portunus.Web.Audit;

/// <summary>What this room tells, ids 2050–2099.</summary>
internal static partial class AuditLog
{
    [LoggerMessage(2050, LogLevel.Information, "Audit removes {Count} entries older than {Days} days")]
    public static partial void Pruned(ILogger logger, long count, int days);

    [LoggerMessage(2051, LogLevel.Error, "Audit cannot remove old entries and tries again in an hour")]
    public static partial void PruneFailed(ILogger logger, Exception exception);
}

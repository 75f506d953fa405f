namespace Portunus.Web.Shell;

/// <summary>What this room tells, ids 2900–2999. Paths without their queries: those may hold what is nobody's business.</summary>
internal static partial class ShellLog
{
    [LoggerMessage(2900, LogLevel.Information, "Portunus {Version} serves {Address} from {Directory}")]
    public static partial void Serves(ILogger logger, string version, string address, string directory);

    [LoggerMessage(2901, LogLevel.Information, "Portunus stops")]
    public static partial void Stops(ILogger logger);

    [LoggerMessage(2902, LogLevel.Information, "{Method} {Path} is answered {Status} after {Ms} ms for {Actor}")]
    public static partial void Change(ILogger logger, string method, string path, int status, long ms, string actor);

    [LoggerMessage(2906, LogLevel.Debug, "{Method} {Path} is answered {Status} after {Ms} ms for {Actor}")]
    public static partial void Read(ILogger logger, string method, string path, int status, long ms, string actor);

    [LoggerMessage(2903, LogLevel.Error, "{Method} {Path} fails")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2904, LogLevel.Warning, "The store was of an older schema and is upgraded; a copy from before is {File}")]
    public static partial void Upgraded(ILogger logger, string file);

    [LoggerMessage(2905, LogLevel.Error, "Listener cannot be opened: {Reason}")]
    public static partial void CannotListen(ILogger logger, string reason);
}

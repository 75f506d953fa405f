namespace Portunus.Web.Live;

/// <summary>Ids 3000–3049.</summary>
internal static partial class LiveLog
{
    [LoggerMessage(3000, LogLevel.Error, "A listener for {Kind} failed")]
    public static partial void ListenerFailed(ILogger log, Exception broken, LiveKind kind);
}

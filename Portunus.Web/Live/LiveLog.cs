namespace Portunus.Web.Live;

/// <summary>Ids 2950–2959.</summary>
internal static partial class LiveLog
{
    [LoggerMessage(2950, LogLevel.Error, "A listener for {Kind} failed")]
    public static partial void ListenerFailed(ILogger log, Exception broken, LiveKind kind);
}

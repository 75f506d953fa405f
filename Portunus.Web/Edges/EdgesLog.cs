namespace Portunus.Web.Edges;

/// <summary>Events 2250–2299.</summary>
internal static partial class EdgesLog
{
    [LoggerMessage(2250, LogLevel.Warning, "When edges were last seen cannot be written; it is tried again")]
    public static partial void SightingsNotWritten(ILogger log, Exception broken);
}

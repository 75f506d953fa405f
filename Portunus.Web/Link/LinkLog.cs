using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;

namespace Portunus.Web.Link;

/// <summary>Events 2500–2599.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(2500, LogLevel.Information, "Edges connect to {Address}; the pin is {Pin}")]
    public static partial void Listens(ILogger log, string address, ServerPin pin);

    [LoggerMessage(2501, LogLevel.Information, "Edge {Edge} ({Name}) is connected from {From}, version {Version}")]
    public static partial void Opened(ILogger log, EdgeId edge, string name, string from, string version);

    [LoggerMessage(2502, LogLevel.Information, "The link of edge {Edge} ({Name}) has ended: {Reason}")]
    public static partial void Closed(ILogger log, EdgeId edge, string name, string reason);

    [LoggerMessage(2503, LogLevel.Warning, "The link of edge {Edge} ({Name}) is cut: {Reason}")]
    public static partial void Cut(ILogger log, EdgeId edge, string name, string reason);

    [LoggerMessage(2504, LogLevel.Warning, "A second process shows the credential of edge {Edge} ({Name}), from {From}; it is kept out")]
    public static partial void SecondInstance(ILogger log, EdgeId edge, string name, string from);

    [LoggerMessage(2505, LogLevel.Debug, "A link from {From} is refused: {Reason}")]
    public static partial void Refused(ILogger log, string from, string reason);

    [LoggerMessage(2506, LogLevel.Error, "The credential of an edge cannot be looked up; it is told to come again")]
    public static partial void CredentialNotRead(ILogger log, Exception broken);

    [LoggerMessage(2507, LogLevel.Warning, "Edge {Edge} speaks version {Spoken} of the link, which is too old")]
    public static partial void VersionNotSpoken(ILogger log, EdgeId edge, int spoken);

    [LoggerMessage(2508, LogLevel.Warning, "{Method} of edge {Edge} fails")]
    public static partial void MessageFailed(ILogger log, Exception broken, EdgeId edge, string method);

    [LoggerMessage(2509, LogLevel.Error, "Whether edge {Edge} may stay connected cannot be looked up")]
    public static partial void TrustNotRead(ILogger log, Exception broken, EdgeId edge);

    [LoggerMessage(2511, LogLevel.Information, "The link has a new key, {Pin}; {Ready} edges have it and {Missing} have not")]
    public static partial void Rotated(ILogger log, string pin, int ready, int missing);

    [LoggerMessage(2512, LogLevel.Information, "The change of the link's key goes on; it is done at the latest {Until}")]
    public static partial void RotationGoesOn(ILogger log, DateTimeOffset until);

    [LoggerMessage(2513, LogLevel.Error, "The change of the link's key waits: which edges have the new one cannot be read")]
    public static partial void RotationWaits(ILogger log, Exception broken);

    [LoggerMessage(2514, LogLevel.Warning, "Edge {Edge} on plan {Revision}: {Note}")]
    public static partial void PlanNoted(ILogger log, EdgeId edge, PlanRevision revision, string note);

    [LoggerMessage(2510, LogLevel.Warning, "Something could not be sent to edge {Edge}")]
    public static partial void NotSent(ILogger log, Exception broken, EdgeId edge);
}

using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Link;

/// <summary>Ids 1500–1549.</summary>
internal static partial class LinkLog
{
    [LoggerMessage(1500, LogLevel.Information, "The link to {Place} stands: this is the edge {Name}; the control plane is {Version}")]
    public static partial void Linked(this ILogger logger, string place, string name, string version);

    [LoggerMessage(1501, LogLevel.Warning, "There is no link to {Place} because {Reason}; everything goes on by the last plan, and the link is tried again and again")]
    public static partial void NotLinked(this ILogger logger, string place, string reason);

    [LoggerMessage(1502, LogLevel.Debug, "Still no link to {Place} because {Reason}; the next try is in {Milliseconds} ms")]
    public static partial void StillNotLinked(this ILogger logger, string place, string reason, double milliseconds);

    [LoggerMessage(1503, LogLevel.Error, "This edge was revoked by its control plane: nothing listens any more, every flow is cut, and the link is not tried again; enrol this machine anew and start again")]
    public static partial void Revoked(this ILogger logger);

    [LoggerMessage(1504, LogLevel.Information, "Plan {Revision} with {Rules} rules is in force: {Listening} listen, {Refused} are refused")]
    public static partial void PlanInForce(this ILogger logger, string revision, int rules, int listening, int refused);

    [LoggerMessage(1505, LogLevel.Warning, "Plan {Revision} is older than the one in force, {InForce}, and is not used")]
    public static partial void PlanTooOld(this ILogger logger, string revision, string inForce);

    [LoggerMessage(1506, LogLevel.Information, "The credentials of the edge {Name} ({Edge}) in {File} are used from now on")]
    public static partial void CredentialsTaken(this ILogger logger, string name, string edge, string file);

    [LoggerMessage(1507, LogLevel.Information, "The control plane is known by these keys from now on: {Pins}")]
    public static partial void PinsTaken(this ILogger logger, string pins);

    [LoggerMessage(1508, LogLevel.Warning, "The control plane's new keys are used but cannot be kept in {File}, so they are lost with this process: {Reason}")]
    public static partial void PinsNotKept(this ILogger logger, string file, string reason);

    [LoggerMessage(1509, LogLevel.Error, "The control plane announces keys that are none; the old ones stay in use")]
    public static partial void PinsRefused(this ILogger logger);

    [LoggerMessage(1510, LogLevel.Warning, "{File} holds the credentials of this edge and others than its owner can read it; make its mode 0600")]
    public static partial void CredentialsOpen(this ILogger logger, string file);

    [LoggerMessage(1511, LogLevel.Error, "Plan {Revision} could not be carried out")]
    public static partial void PlanFailed(this ILogger logger, Exception error, string revision);

    [LoggerMessage(1512, LogLevel.Information, "This machine has become the edge {Name} ({Edge}); its credentials are in {File}")]
    public static partial void Enrolled(this ILogger logger, string name, string edge, string file);

    [LoggerMessage(1513, LogLevel.Warning, "This machine cannot become an edge yet and will try again: {Reason}")]
    public static partial void NotEnrolled(this ILogger logger, string reason);

    [LoggerMessage(1514, LogLevel.Information, "Plan {Revision} from disk with {Rules} rules is in force: {Listening} listen, {Refused} are refused")]
    public static partial void StartsFromDisk(this ILogger logger, string revision, int rules, int listening, int refused);

    [LoggerMessage(1515, LogLevel.Information, "There is no plan on disk: nothing listens until the control plane sends one")]
    public static partial void StartsWithoutPlan(this ILogger logger);

    [LoggerMessage(1516, LogLevel.Error, "The control plane sent a plan that cannot be read; the one before stays in force: {Problem}")]
    public static partial void PlanNotUnderstood(this ILogger logger, string problem);

    [LoggerMessage(1517, LogLevel.Warning, "Plan {Revision} is in force but for a part: {Note}")]
    public static partial void PlanNotWhollyKnown(this ILogger logger, string revision, string note);
}

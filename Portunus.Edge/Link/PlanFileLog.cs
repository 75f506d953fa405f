using Microsoft.Extensions.Logging;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Link;

/// <summary>Ids 1550–1569.</summary>
internal static partial class PlanFileLog
{
    [LoggerMessage(1550, LogLevel.Error, "Plan {Revision} cannot be saved to {File}, and after a restart an older one would run. Next attempt in {DelaySeconds} s")]
    public static partial void PlanNotSaved(this ILogger logger, Exception error, PlanRevision revision, string file, double delaySeconds);

    [LoggerMessage(1551, LogLevel.Information, "Plan {Revision} is saved to {File} at last")]
    public static partial void PlanSavedAtLast(this ILogger logger, PlanRevision revision, string file);

    [LoggerMessage(1552, LogLevel.Error, "The plan in {File} is not used: {Problem} It is kept as {Aside}")]
    public static partial void PlanSetAside(this ILogger logger, string file, string problem, string aside);

    [LoggerMessage(1553, LogLevel.Error, "The plan in {File} is not used: {Problem}")]
    public static partial void PlanNotUsed(this ILogger logger, string file, string problem);

    [LoggerMessage(1554, LogLevel.Error, "The plan in {File} cannot be removed")]
    public static partial void PlanNotRemoved(this ILogger logger, Exception error, string file);
}

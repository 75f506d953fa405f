using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Plans;

/// <summary>Events 2300–2399.</summary>
internal static partial class PlansLog
{
    [LoggerMessage(2300, LogLevel.Error, "The stored rule {Rule} is no JSON and is planned as one that cannot be read")]
    public static partial void RuleUnreadable(ILogger log, RuleId rule);

    [LoggerMessage(2301, LogLevel.Debug, "Edge {Edge} is sent plan {Revision} with {Rules} rules")]
    public static partial void Sent(ILogger log, EdgeId edge, PlanRevision revision, int rules);

    [LoggerMessage(2302, LogLevel.Warning, "The plan of edge {Edge} cannot be made or sent, failure {Failures} in a row; the next try is in {Delay}")]
    public static partial void NotSent(ILogger log, Exception broken, EdgeId edge, int failures, TimeSpan delay);

    [LoggerMessage(2303, LogLevel.Error, "Edge {Edge} holds plan {Held}, newer than {Newest} of this store: an older copy of the store was put in its place without restore")]
    public static partial void StoreIsBehind(ILogger log, EdgeId edge, PlanRevision held, PlanRevision newest);

    [LoggerMessage(2304, LogLevel.Debug, "{Count} removed rules have stopped on their edges and are forgotten")]
    public static partial void TombstonesRemoved(ILogger log, int count);

    [LoggerMessage(2305, LogLevel.Warning, "Removed rules that have stopped could not be forgotten and stay in their plans for now")]
    public static partial void TombstonesStay(ILogger log, Exception broken);

    [LoggerMessage(2306, LogLevel.Information, "Rules have expired or grants have ended in {Count} plans")]
    public static partial void Expired(ILogger log, int count);

    [LoggerMessage(2307, LogLevel.Error, "Plans could not be looked at for rules that expired; the next try is in {Delay}")]
    public static partial void NotExpired(ILogger log, Exception broken, TimeSpan delay);
}

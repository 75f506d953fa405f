using Portunus.Shared.Ids;

namespace Portunus.Web.Traffic;

/// <summary>Events 2650–2699.</summary>
internal static partial class TrafficLog
{
    [LoggerMessage(2650, LogLevel.Warning, "Edge {Edge} tells of rule {Rule}, which is not its own, or of counts that cannot be; they are not taken. Further ones of this link are counted only")]
    public static partial void TotalsRefused(ILogger log, EdgeId edge, RuleId rule);

    [LoggerMessage(2651, LogLevel.Warning, "Edge {Edge} tells of boot {Boot} without having named it; it is not taken")]
    public static partial void BootRefused(ILogger log, EdgeId edge, Guid boot);

    [LoggerMessage(2652, LogLevel.Error, "Counters cannot be made durable; they stay in memory and edges keep theirs until it works")]
    public static partial void NotDurable(ILogger log, Exception broken);

    [LoggerMessage(2653, LogLevel.Information, "Counters are durable again")]
    public static partial void DurableAgain(ILogger log);

    [LoggerMessage(2654, LogLevel.Error, "A mark of edge {Edge} could not be told; it comes with the next hello")]
    public static partial void MarkNotTold(ILogger log, Exception broken, EdgeId edge);

    [LoggerMessage(2655, LogLevel.Error, "Owners of rules cannot be looked up; their counters wait")]
    public static partial void OwnersNotRead(ILogger log, Exception broken);

    [LoggerMessage(2656, LogLevel.Error, "What edges have forgotten could not be forgotten here; it is tried again in a minute")]
    public static partial void NotTidied(ILogger log, Exception broken);
}

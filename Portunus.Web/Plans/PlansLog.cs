using Portunus.Shared.Ids;

namespace Portunus.Web.Plans;

/// <summary>Events 2300–2399.</summary>
internal static partial class PlansLog
{
    [LoggerMessage(2300, LogLevel.Error, "The stored rule {Rule} cannot be read ({Codes}) and is planned as stopped")]
    public static partial void RuleUnreadable(ILogger log, RuleId rule, string codes);
}

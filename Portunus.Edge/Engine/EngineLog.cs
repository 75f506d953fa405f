using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Engine;

/// <summary>Ids 1400–1499.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1400, LogLevel.Information, "The engine runs {Loops} loops")]
    public static partial void EngineStarted(this ILogger logger, int loops);

    [LoggerMessage(1401, LogLevel.Information, "Rule {Name} ({Rule}) listens on {Listen}")]
    public static partial void RuleListens(this ILogger logger, string name, RuleId rule, string listen);

    [LoggerMessage(1402, LogLevel.Warning, "Rule {Name} ({Rule}) is refused: {Refusal} at port {Port}. {Text} Next attempt in {DelaySeconds} s")]
    public static partial void RuleRefused(this ILogger logger, string name, RuleId rule, BindRefusal refusal, int port, string text, double delaySeconds);

    [LoggerMessage(1403, LogLevel.Information, "Rule {Name} ({Rule}) changed; {Flows} flows are open")]
    public static partial void RuleChanged(this ILogger logger, string name, RuleId rule, int flows);

    [LoggerMessage(1404, LogLevel.Information, "Rule {Name} ({Rule}) stops listening; {Flows} flows are open")]
    public static partial void RuleStops(this ILogger logger, string name, RuleId rule, int flows);

    [LoggerMessage(1405, LogLevel.Information, "Rule {Name} ({Rule}) has ended its last flow")]
    public static partial void RuleStopped(this ILogger logger, string name, RuleId rule);

    [LoggerMessage(1406, LogLevel.Information, "Rule {Name} ({Rule}) cuts flows opened before revision {Revision}")]
    public static partial void FlowsCut(this ILogger logger, string name, RuleId rule, long revision);

    [LoggerMessage(1407, LogLevel.Error, "Port {Port} no longer listens: {Error}")]
    public static partial void ListenerDied(this ILogger logger, int port, Native.Errno error);

    [LoggerMessage(1408, LogLevel.Error, "Upkeep of the rules failed; it is tried again")]
    public static partial void UpkeepFailed(this ILogger logger, Exception error);

    [LoggerMessage(1409, LogLevel.Information, "The engine stops: {Flows} flows have up to {DrainSeconds} s to finish")]
    public static partial void EngineDrains(this ILogger logger, int flows, double drainSeconds);

    [LoggerMessage(1410, LogLevel.Information, "The engine has stopped; {Cut} flows were cut")]
    public static partial void EngineStopped(this ILogger logger, int cut);

    [LoggerMessage(1411, LogLevel.Error, "Rule {Rule} is refused at revision {Revision}, since it is not understood. {Why}")]
    public static partial void RuleUnread(this ILogger logger, RuleId rule, long revision, string why);
}

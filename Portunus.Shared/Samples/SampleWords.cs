using System.Text.Json;
using Portunus.Shared.Plans;

namespace Portunus.Shared.Samples;

/// <summary>
/// The words of a sample as programs read them: snake_case, the same in the JSON of the stats socket, in metric labels and in
/// logs. They are part of those formats, so renaming an enum member renames what dashboards ask for.
/// </summary>
public static class SampleWords
{
    private static readonly string[] s_ends = Words<FlowEnd>();
    private static readonly string[] s_drops = Words<DatagramDrop>();
    private static readonly string[] s_targets = Words<TargetStanding>();
    private static readonly string[] s_rules = Words<RuleStanding>();
    private static readonly string[] s_refusals = Words<BindRefusal>();

    /// <summary>For example <c>downstream_reset</c>.</summary>
    public static string Of(FlowEnd end) => s_ends[(int)end];

    /// <summary>For example <c>over_cap</c>.</summary>
    public static string Of(DatagramDrop drop) => s_drops[(int)drop];

    /// <summary><c>unknown</c>, <c>up</c> or <c>down</c>.</summary>
    public static string Of(TargetStanding standing) => s_targets[(int)standing];

    /// <summary><c>waiting</c>, <c>listening</c>, <c>refused</c>, <c>draining</c> or <c>stopped</c>.</summary>
    public static string Of(RuleStanding standing) => s_rules[(int)standing];

    /// <summary>For example <c>port_in_use</c>; <c>none</c> where nothing was refused.</summary>
    public static string Of(BindRefusal refusal) => s_refusals[(int)refusal];

    /// <summary>
    /// Whether the data plane forwards: <c>ok</c> with a target up, <c>failing</c> with all of them down, <c>idle</c> before
    /// the first dial.
    /// </summary>
    public static string Forwarding(RuleSample rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (rule.Targets.Any(target => target.Standing == TargetStanding.Up))
        {
            return "ok";
        }

        return rule.Targets.Count > 0 && rule.Targets.All(target => target.Standing == TargetStanding.Down) ? "failing" : "idle";
    }

    // Members are numbered from 0 without gaps, so a value is its word's index.
    private static string[] Words<T>()
        where T : struct, Enum =>
        [.. Enum.GetValues<T>().Select(value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()))];
}

using System.Globalization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>What flows opened before a change do.</summary>
internal enum FlowsKind
{
    /// <summary>Go on under the new rule.</summary>
    Keep,

    /// <summary>Go on until the deadline.</summary>
    Drain,

    /// <summary>End at once.</summary>
    Cut,
}

/// <summary>What a caller asked for live flows.</summary>
/// <param name="Kind">Null: keep with a change; drain where the rule stops listening.</param>
/// <param name="Deadline">How long a drain may take.</param>
internal sealed record FlowsAsked(FlowsKind? Kind, TimeSpan Deadline)
{
    public static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan MaxDeadline = TimeSpan.FromHours(24);

    /// <summary>Nothing said.</summary>
    public static FlowsAsked Default { get; } = new(null, DefaultDeadline);

    /// <summary>From the query <c>flows</c> and <c>deadline</c>.</summary>
    /// <param name="flows"><c>keep</c>, <c>drain</c> or <c>cut</c>.</param>
    /// <param name="deadline">A number with <c>s</c>, <c>m</c> or <c>h</c>; bare is seconds. 1 s – 24 h.</param>
    public static Outcome<FlowsAsked> Read(string? flows, string? deadline)
    {
        var problems = new List<Problem>();
        FlowsKind? kind = flows switch
        {
            "keep" => FlowsKind.Keep,
            "drain" => FlowsKind.Drain,
            "cut" => FlowsKind.Cut,
            _ => null,
        };
        if (flows is not null && kind is null)
        {
            problems.Add(new Problem("flows_unknown", "flows", "flows must be keep, drain or cut."));
        }

        var wait = DefaultDeadline;
        if (deadline is not null && !(TryReadTime(deadline, out wait) && wait >= TimeSpan.FromSeconds(1) && wait <= MaxDeadline))
        {
            problems.Add(new Problem("deadline_malformed", "deadline", "deadline must be between 1s and 24h, for example 30s, 5m or 1h."));
        }

        return problems.Count > 0 ? problems : new FlowsAsked(kind, wait);
    }

    /// <summary>Why it cannot be had where the rule stops listening; null when it can.</summary>
    public Problem? RefusalWhenStopping() => Kind == FlowsKind.Keep
        ? new Problem("flows_keep", "flows", "Flows of a rule that stops listening have nothing to go on under; ask for drain or cut.")
        : null;

    /// <summary>A number with <c>s</c>, <c>m</c> or <c>h</c>; bare is seconds. At most the longest deadline's number of seconds before the unit.</summary>
    internal static bool TryReadTime(string text, out TimeSpan time)
    {
        time = TimeSpan.Zero;
        if (text.Length == 0)
        {
            return false;
        }

        var unit = text[^1];
        var digits = char.IsAsciiDigit(unit) ? text : text[..^1];
        var each = unit switch { 'm' => 60, 'h' => 3600, 's' or (>= '0' and <= '9') => 1, _ => 0 };
        if (each == 0 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MaxDeadline.TotalSeconds)
        {
            return false;
        }

        time = TimeSpan.FromSeconds((long)count * each);
        return true;
    }
}

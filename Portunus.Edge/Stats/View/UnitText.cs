using System.Globalization;

namespace Portunus.Edge.Stats.View;

/// <summary>Numbers as people read them, in few cells. Units are decimal: 1 kB is 1,000 bytes, as limits and network links count.</summary>
internal static class UnitText
{
    private static readonly string[] s_prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>At most 6 cells: <c>999B</c>, <c>12.3MB</c>.</summary>
    public static string Bytes(double bytes) => Scaled(bytes) + "B";

    /// <summary>At most 8 cells: <c>12.3MB/s</c>.</summary>
    public static string Rate(double bytesPerSecond) => Scaled(bytesPerSecond) + "B/s";

    /// <summary>At most 5 cells: <c>12.3k</c>.</summary>
    public static string Count(double count) => Scaled(count);

    /// <summary>The two largest parts: <c>3d 4h</c>, <c>12m 5s</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => "0s",
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d {span.Hours}h",
        { TotalHours: >= 1 } => $"{span.Hours}h {span.Minutes}m",
        { TotalMinutes: >= 1 } => $"{span.Minutes}m {span.Seconds}s",
        _ => $"{span.Seconds}s",
    };

    private static string Scaled(double value)
    {
        var power = 0;
        // 999.5 would print as 1000: it belongs to the next prefix already.
        while (value >= 999.5 && power < s_prefixes.Length - 1)
        {
            value /= 1000;
            power++;
        }

        var digits = power == 0 || value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00";
        return value.ToString(digits, CultureInfo.InvariantCulture) + s_prefixes[power];
    }
}

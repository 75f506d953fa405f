using System.Globalization;

namespace Portunus.Shared.Rules;

/// <summary>One port, or a contiguous run of them, both ends included.</summary>
public readonly record struct PortRange(int First, int Last)
{
    /// <summary>The most ports that one rule may listen on.</summary>
    public const int MaxLength = 1024;

    /// <summary>The range of one port.</summary>
    public static PortRange Single(int port) => new(port, port);

    /// <summary>How many ports it holds.</summary>
    public int Length => Last - First + 1;

    /// <summary>Whether it is one port only.</summary>
    public bool IsSingle => First == Last;

    /// <summary>Reads <c>first-last</c> or one port, or says what is wrong in a sentence without a subject.</summary>
    public static bool TryParse(string? text, out PortRange range, out string reason)
    {
        range = default;
        var trimmed = (text ?? "").Trim();
        var dash = trimmed.IndexOf('-');
        var first = dash < 0 ? trimmed : trimmed[..dash];
        var last = dash < 0 ? trimmed : trimmed[(dash + 1)..];
        if (!TryParsePort(first, out var low) || !TryParsePort(last, out var high))
        {
            reason = $"\"{text}\" is not a port or first-last with ports between 1 and 65535.";
            return false;
        }

        if (low > high)
        {
            reason = $"the first port of {low}-{high} is higher than the last.";
            return false;
        }

        range = new PortRange(low, high);
        reason = "";
        return true;
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;

    public bool Contains(int port) => port >= First && port <= Last;

    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    public override string ToString() => IsSingle
        ? First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}

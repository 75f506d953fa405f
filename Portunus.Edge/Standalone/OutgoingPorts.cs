using Portunus.Shared.Rules;

namespace Portunus.Edge.Standalone;

/// <summary>
/// The ports from which the kernel takes those of outgoing connections. One of them can hold a rule's port when the rule
/// is about to bind it.
/// </summary>
internal static class OutgoingPorts
{
    private const string Range = "/proc/sys/net/ipv4/ip_local_port_range";
    private const string Reserved = "/proc/sys/net/ipv4/ip_local_reserved_ports";

    /// <summary>Null where the system does not say.</summary>
    public static PortRange? Read() => Parse(Text(Range));

    /// <summary>The ports that the kernel leaves out; empty where the system does not say.</summary>
    public static IReadOnlyList<PortRange> ReadReserved() => ParseReserved(Text(Reserved));

    /// <summary>Two numbers with white space between (ip(7)).</summary>
    public static PortRange? Parse(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return words.Length == 2 && PortRange.TryParse($"{words[0]}-{words[1]}", out var range, out _) ? range : null;
    }

    /// <summary>Ports and ranges with commas between (Documentation/networking/ip-sysctl of the kernel).</summary>
    public static IReadOnlyList<PortRange> ParseReserved(string text)
    {
        var ranges = new List<PortRange>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (PortRange.TryParse(part, out var range, out _))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    private static string Text(string place)
    {
        try
        {
            return File.ReadAllText(place);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A container may hide it. The warning that hangs on it is a courtesy.
            return "";
        }
    }
}

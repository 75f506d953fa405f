using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>Which UDP ports are bound in our namespace, and what their sockets lost, from <c>/proc/net/udp</c> and <c>udp6</c> (proc(5)).</summary>
internal static class BoundPorts
{
    public static HashSet<int> Read() => [.. Parse(Text()).Select(one => one.Port)];

    /// <summary>Datagrams that found the receive buffers of all sockets on that port full.</summary>
    public static long DroppedAt(int port) => Parse(Text()).Where(one => one.Port == port).Sum(one => one.Dropped);

    /// <summary>Local port and drops of each line.</summary>
    public static IEnumerable<(int Port, long Dropped)> Parse(string table) =>
        from line in table.Split('\n')
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 12 && fields[0].EndsWith(':')
        select (
            int.Parse(fields[1].AsSpan(fields[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            long.Parse(fields[^1], CultureInfo.InvariantCulture));

    private static string Text() => File.ReadAllText("/proc/net/udp") + (File.Exists("/proc/net/udp6") ? File.ReadAllText("/proc/net/udp6") : "");
}

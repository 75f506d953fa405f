using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>Which TCP ports listen in our namespace, from <c>/proc/net/tcp</c> and <c>tcp6</c>: no connection is spent on asking.</summary>
internal static class ListeningPorts
{
    private const string ListenState = "0A";

    public static HashSet<int> Read() => [.. Parse(File.ReadAllText("/proc/net/tcp")), .. ReadV6()];

    /// <summary>Ports in state LISTEN out of the text of such a file.</summary>
    public static IEnumerable<int> Parse(string table) =>
        from line in table.Split('\n').Skip(1)
        let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        where fields.Length > 3 && fields[3] == ListenState
        select int.Parse(fields[1].AsSpan(fields[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Looks every millisecond until all of them listen; throws when the process ends or the bound passes first.</summary>
    public static async Task WaitAsync(Func<HashSet<int>> read, IReadOnlyCollection<int> ports, ChildProcess? process, TimeSpan bound, CancellationToken stop)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!read().IsSupersetOf(ports))
        {
            process?.ThrowIfEnded();
            if (TimeProvider.System.GetElapsedTime(since) > bound)
            {
                var missing = ports.Except(read());
                throw new TimeoutException($"not listening after {bound.TotalSeconds:0} s: {string.Join(", ", missing)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), stop);
        }
    }

    private static IEnumerable<int> ReadV6() => File.Exists("/proc/net/tcp6") ? Parse(File.ReadAllText("/proc/net/tcp6")) : [];
}

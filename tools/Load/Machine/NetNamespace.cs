using System.Diagnostics;
using System.Globalization;

namespace Portunus.Load.Machine;

/// <summary>
/// A network namespace of our own. It is named for the process that made it, so that the next run can tell and remove one whose
/// maker was killed outright. Removing it ends, by id, the processes that live in it.
/// </summary>
internal sealed class NetNamespace : IAsyncDisposable
{
    private const string Prefix = "portunus-load-";

    private NetNamespace(string name)
    {
        Name = name;
    }

    public string Name { get; }

    public static async Task<NetNamespace> CreateAsync(CancellationToken stop)
    {
        await RemoveOrphansAsync();
        var made = new NetNamespace(Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        await CommandRun.MustRunAsync("ip", ["netns", "add", made.Name], stop);
        try
        {
            await CommandRun.MustRunAsync("ip", ["-n", made.Name, "link", "set", "lo", "up"], stop);
            return made;
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Cleaning up goes on whatever was asked to stop; each command has its own bound.
        var inside = await CommandRun.MustRunAsync("ip", ["netns", "pids", Name], CancellationToken.None);
        foreach (var id in inside.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            try
            {
                using var process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
                process.Kill();
                await process.WaitForExitAsync();
            }
            catch (ArgumentException)
            {
                // It ended by itself between the listing and now.
            }
        }

        await CommandRun.MustRunAsync("ip", ["netns", "del", Name], CancellationToken.None);
    }

    private static async Task RemoveOrphansAsync()
    {
        var all = await CommandRun.MustRunAsync("ip", ["netns", "list"], CancellationToken.None);
        foreach (var name in all.Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            if (!Directory.Exists("/proc/" + name[Prefix.Length..]))
            {
                await new NetNamespace(name).DisposeAsync();
            }
        }
    }
}

using System.Diagnostics;
using Portunus.Load.Machine;

namespace Portunus.Load;

/// <summary>The outer process: checks what is needed, makes namespace and folder, starts itself inside, and removes everything however that ends.</summary>
internal static class NamespaceGuard
{
    private const string FolderPrefix = "portunus-load-";
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(LoadOptions options, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("a network namespace is needed, and root to make it");
        }

        await NeededPrograms.EnsureAsync(stop);
        if (options.Peers.Contains(Peers.PeerList.Edge))
        {
            _ = EdgeProgram.Find(options.EdgeProgram);
        }

        RemoveOrphanFolders();
        var folder = Directory.CreateTempSubdirectory($"{FolderPrefix}{Environment.ProcessId}-");
        try
        {
            // nginx's workers run as another user and look into its folder.
            folder.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
            await using var space = await NetNamespace.CreateAsync(stop);
            return await RunInsideAsync(space.Name, folder.FullName, arguments, stop);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Folders of runs that were killed outright: their name says whose they were.</summary>
    private static void RemoveOrphanFolders()
    {
        foreach (var folder in new DirectoryInfo(Path.GetTempPath()).EnumerateDirectories(FolderPrefix + "*"))
        {
            if (folder.Name[FolderPrefix.Length..].Split('-') is [var owner, _] && !Directory.Exists("/proc/" + owner))
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static async Task<int> RunInsideAsync(string space, string folder, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process does not know its own program");
        string[] program = Path.GetFileName(self) == "dotnet" ? [self, typeof(NamespaceGuard).Assembly.Location] : [self];
        var start = new ProcessStartInfo("ip") { UseShellExecute = false };
        foreach (var argument in (string[])["netns", "exec", space, .. program, .. arguments, LoadOptions.InsideFlag, folder])
        {
            start.ArgumentList.Add(argument);
        }

        using var inside = Process.Start(start) ?? throw new InvalidOperationException("ip did not start");
        try
        {
            await inside.WaitForExitAsync(stop);
            return inside.ExitCode;
        }
        finally
        {
            await EndAsync(inside);
        }
    }

    /// <summary>Asks the inner process to stop and gives it a moment; what is left then goes with the namespace.</summary>
    private static async Task EndAsync(Process inside)
    {
        if (inside.HasExited)
        {
            return;
        }

        using var grace = new CancellationTokenSource(s_grace);
        try
        {
            await CommandRun.RunAsync("kill", ["-TERM", $"{inside.Id}"], s_grace, CancellationToken.None);
            await inside.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            inside.Kill(entireProcessTree: true);
        }
    }
}

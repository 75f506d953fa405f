using System.Runtime.InteropServices;

namespace Portunus.Load;

/// <summary>The edge as published: what users run is what is measured, not a build of the moment.</summary>
internal static class EdgeProgram
{
    private const string Name = "portunus-edge";

    /// <summary>The file asked for, else what tools/publish left for this machine.</summary>
    public static string Find(string? asked)
    {
        if (asked is not null)
        {
            return File.Exists(asked) ? Path.GetFullPath(asked) : throw new InvalidOperationException($"there is no {asked}");
        }

        var published = Path.Combine("artifacts", RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? "linux-arm64" : "linux-x64", Name);
        return Above(published) ?? throw new InvalidOperationException($"there is no {published}: run tools/publish, or name a file with --edge");
    }

    /// <summary>Which file that is, for the report.</summary>
    public static string Describe(string program)
    {
        var file = new FileInfo(program);
        return $"{file.Name}, {file.Length / 1048576.0:0.0} MiB, built {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm} UTC";
    }

    /// <summary>The source tree is wherever the solution lies above this program.</summary>
    private static string? Above(string file)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Portunus.sln")))
        {
            folder = folder.Parent;
        }

        return folder is not null && Path.Combine(folder.FullName, file) is var found && File.Exists(found) ? found : null;
    }
}

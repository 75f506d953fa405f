namespace Portunus.Load;

/// <summary>The edge as published: what users run is what is measured, not a build of the moment.</summary>
internal static class EdgeProgram
{
    private const string Name = "portunus-edge";

    /// <summary>The file asked for, else the newest of that name below the artifacts folder of the source tree.</summary>
    public static string Find(string? asked)
    {
        if (asked is not null)
        {
            return File.Exists(asked) ? Path.GetFullPath(asked) : throw new InvalidOperationException($"there is no {asked}");
        }

        var newest = Artifacts().SelectMany(folder => folder.EnumerateFiles(Name, SearchOption.AllDirectories)).MaxBy(file => file.LastWriteTimeUtc);
        return newest?.FullName ?? throw new InvalidOperationException($"no published {Name} below artifacts/: run tools/publish, or name one with --edge FILE");
    }

    /// <summary>Which file that is, for the report.</summary>
    public static string Describe(string program)
    {
        var file = new FileInfo(program);
        return $"{file.Name}, {file.Length / 1048576.0:0.0} MiB, built {file.LastWriteTimeUtc:yyyy-MM-dd HH:mm} UTC";
    }

    private static IEnumerable<DirectoryInfo> Artifacts()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Portunus.sln")))
            {
                var artifacts = new DirectoryInfo(Path.Combine(folder.FullName, "artifacts"));
                return artifacts.Exists ? [artifacts] : [];
            }
        }

        return [];
    }
}

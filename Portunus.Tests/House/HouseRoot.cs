namespace Portunus.Tests.House;

/// <summary>Where the sources are.</summary>
internal static class HouseRoot
{
    public static string Folder { get; } = Find();

    /// <summary>All C# sources below a project's folder, build output apart.</summary>
    public static IEnumerable<string> Sources(string project) => Directory
        .EnumerateFiles(Path.Combine(Folder, project), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Portunus.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Portunus.sln is nowhere above the tests");
    }
}

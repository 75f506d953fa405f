using Portunus.Tests.Kit;
using Portunus.Web.Database;

namespace Portunus.Tests.Web.Database;

/// <summary>A process that is killed at any rename leaves the old contents or the new ones.</summary>
public sealed class PendingReplacementTests
{
    [Fact]
    public void Begun_AndNotDecided_IsGoneAtTheNextOpening()
    {
        using var folder = Old();
        using (var directory = DataDirectory.Open(folder.Path))
        {
            File.WriteAllText(Path.Combine(PendingReplacement.Begin(directory), "portunus.db"), "new");
        }

        DataDirectory.Open(folder.Path).Dispose();
        Assert.Equal("link/key:old portunus.db-wal:old portunus.db:old server.toml:old", Contents(folder));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Decided_AndKilledAfterSomeRenames_IsCarriedOut(int renames)
    {
        using var folder = Old();
        var decided = folder.File("replacement.decided");
        Write(folder, "replacement.decided/new/portunus.db", "new");
        Write(folder, "replacement.decided/new/link/key", "new");
        File.WriteAllLines(Path.Combine(decided, "order"), ["", "link", "portunus.db"]);
        Directory.CreateDirectory(Path.Combine(decided, "old"));
        (string From, string To)[] steps =
        [
            ("link", "replacement.decided/old/link"),
            ("replacement.decided/new/link", "link"),
            ("portunus.db-wal", "replacement.decided/old/portunus.db-wal"),
            ("portunus.db", "replacement.decided/old/portunus.db"),
            ("replacement.decided/new/portunus.db", "portunus.db"),
        ];
        foreach (var (from, to) in steps.Take(renames))
        {
            Directory.Move(folder.File(from), folder.File(to));
        }

        DataDirectory.Open(folder.Path).Dispose();
        Assert.Equal("link/key:new portunus.db:new server.toml:old", Contents(folder));
    }

    [Fact]
    public void Decided_AndKilledWhileItWasCleared_StaysDone()
    {
        using var folder = Old();
        Write(folder, "replacement.decided/old/portunus.db", "older");
        DataDirectory.Open(folder.Path).Dispose();
        Assert.Equal("link/key:old portunus.db-wal:old portunus.db:old server.toml:old", Contents(folder));
    }

    private static DataFolder Old()
    {
        var folder = new DataFolder();
        foreach (var name in new[] { "portunus.db", "portunus.db-wal", "link/key", "server.toml" })
        {
            Write(folder, name, "old");
        }

        return folder;
    }

    private static void Write(DataFolder folder, string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        File.WriteAllText(folder.File(name), text);
    }

    private static string Contents(DataFolder folder) => string.Join(' ', Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal))
        .Select(file => $"{Path.GetRelativePath(folder.Path, file)}:{File.ReadAllText(file)}")
        .Order(StringComparer.Ordinal));
}

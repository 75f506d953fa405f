namespace Portunus.Web.Database;

/// <summary>
/// New contents for a data directory. They are laid out in a folder beside the old ones and take effect with one rename of that
/// folder; moving them into place afterwards only carries out what the rename decided, and goes on at the next opening if the
/// process is killed in between. So at every moment the directory is wholly the old one or wholly the new one.
/// </summary>
internal static class PendingReplacement
{
    private const string Staging = "replacement.tmp";
    private const string Decided = "replacement.decided";
    private const string New = "new";
    private const string Old = "old";
    private const string Order = "order";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Files of a store that belong to one database file and to no other.</summary>
    private static readonly string[] s_sides = ["-wal", "-shm", "-journal"];

    /// <summary>Names in a data directory that are never replaced.</summary>
    public static IReadOnlyList<string> Reserved { get; } = [Staging, Decided, "portunus.lock", "control.sock", .. s_sides.Select(side => $"portunus.db{side}")];

    /// <summary>An empty folder to lay the new contents into.</summary>
    public static string Begin(DataDirectory directory)
    {
        var staging = directory.File(Staging);
        Clear(staging);
        return Directory.CreateDirectory(Path.Combine(staging, New), OwnerOnly).FullName;
    }

    /// <summary>Takes back what was begun and not decided.</summary>
    public static void Abandon(DataDirectory directory) => Clear(directory.File(Staging));

    /// <summary>Decides: from here on the new contents are the directory's. What they do not hold stays as it is.</summary>
    /// <param name="directory">Whose lock is held.</param>
    /// <param name="keepOldAs">Folder of the directory for what is replaced; null removes it.</param>
    public static void Decide(DataDirectory directory, string? keepOldAs)
    {
        var staging = directory.File(Staging);
        var names = Directory.EnumerateFileSystemEntries(Path.Combine(staging, New)).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(staging, "*", SearchOption.AllDirectories))
        {
            Flush(file);
        }

        var order = Path.Combine(staging, Order);
        File.WriteAllLines(order, [keepOldAs ?? "", .. names.Select(name => name ?? "")]);
        Flush(order);
        Directory.Move(staging, directory.File(Decided));
        Finish(directory.Path);
    }

    /// <summary>Whether a replacement was decided and not wholly carried out.</summary>
    public static bool IsDecided(string folder) => File.Exists(Path.Combine(folder, Decided, Order));

    /// <summary>Carries out what was decided, and clears what was only begun. Under the directory's lock, before anything else.</summary>
    public static void Finish(string folder)
    {
        Clear(Path.Combine(folder, Staging));
        var decided = Path.Combine(folder, Decided);
        var order = Path.Combine(decided, Order);
        if (File.Exists(order) && File.ReadAllLines(order) is [var keep, .. var names])
        {
            var old = keep.Length > 0 ? Path.Combine(folder, keep) : Path.Combine(decided, Old);
            Directory.CreateDirectory(old, OwnerOnly);
            foreach (var name in names)
            {
                Replace(folder, Path.Combine(decided, New, name), old, name);
            }
        }

        Clear(decided);
    }

    private static void Replace(string folder, string from, string old, string name)
    {
        if (!Path.Exists(from))
        {
            // Moved already, before the process was killed.
            return;
        }

        // The side files of the old store would be taken for the new one's: they go first.
        foreach (var side in s_sides)
        {
            MoveAside(Path.Combine(folder, name + side), old);
        }

        MoveAside(Path.Combine(folder, name), old);
        Move(from, Path.Combine(folder, name));
    }

    private static void MoveAside(string path, string old)
    {
        if (Path.Exists(path))
        {
            Move(path, Path.Combine(old, Path.GetFileName(path)));
        }
    }

    private static void Move(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            // One rename(2): without overwriting it would be a link and an unlink, and a kill in between leaves both.
            File.Move(from, to, overwrite: true);
        }
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Flush(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }
}

namespace Portunus.Web.Database;

/// <summary>
/// The one folder that holds everything a control plane must not lose. Opening it takes a lock that the kernel lets go of with the
/// process, however that ends; whoever has it open is the only one that writes there.
/// </summary>
internal sealed class DataDirectory : IDisposable
{
    private const string ScratchPrefix = "scratch-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>The store.</summary>
    public string DatabaseFile => DatabaseFileOf(Path);

    /// <summary>Beside a running server, command lines talk to it here.</summary>
    public string ControlSocket => ControlSocketOf(Path);

    public static string DatabaseFileOf(string folder) => System.IO.Path.Combine(folder, "portunus.db");

    public static string ControlSocketOf(string folder) => System.IO.Path.Combine(folder, "control.sock");

    public static string LockFileOf(string folder) => System.IO.Path.Combine(folder, "portunus.lock");

    /// <summary>Keys of the link to edges; a folder, where there is one.</summary>
    public static string LinkFolderOf(string folder) => System.IO.Path.Combine(folder, "link");

    /// <summary>Keys that protect what browsers hold; a folder, made with the first of them.</summary>
    public static string KeysFolderOf(string folder) => System.IO.Path.Combine(folder, "keys");

    /// <summary>The folder of those keys, closed to others.</summary>
    public DirectoryInfo OpenKeys()
    {
        var keys = Directory.CreateDirectory(KeysFolderOf(Path), OwnerOnly);
        keys.UnixFileMode = OwnerOnly;
        return keys;
    }

    /// <summary>A folder for what is made on the way; whatever a killed process left there is gone at the next opening.</summary>
    public string NewScratch() =>
        Directory.CreateDirectory(System.IO.Path.Combine(Path, ScratchPrefix + Guid.NewGuid().ToString("N")[..12]), OwnerOnly).FullName;

    /// <summary>A file of the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder where it is missing, closes it to others, and takes its lock.</summary>
    /// <exception cref="StartRefusal">It will not do, or another process has it.</exception>
    public static DataDirectory Open(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
            if (FileSystemClass.Refusal(path, System.IO.File.ReadLines("/proc/self/mountinfo")) is { } refusal)
            {
                throw new StartRefusal(refusal, StartRefusal.Failed);
            }

            // It may have been made by hand or by an installer: what is in it is nobody else's business.
            if (System.IO.File.GetUnixFileMode(path) != OwnerOnly)
            {
                System.IO.File.SetUnixFileMode(path, OwnerOnly);
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusal($"The data directory {path} cannot be used: {broken.Message}", StartRefusal.Failed);
        }

        FileStream? held = null;
        try
        {
            // FileShare.None is flock(2) here: held by the open file, gone with the process.
            held = new FileStream(LockFileOf(path), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerFile,
            });
            PendingReplacement.Finish(path);
            ClearScratch(path);
            return new DataDirectory(path, held);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new StartRefusal($"The data directory {path} is in use by another process, or its lock cannot be opened: {taken.Message}", StartRefusal.Failed);
        }
    }

    /// <summary>Makes an empty file that only the owner can open, where there is none. SQLite gives its side files the same mode.</summary>
    public static void MakePrivate(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            using var made = new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerFile });
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void ClearScratch(string path)
    {
        foreach (var left in Directory.EnumerateDirectories(path, ScratchPrefix + "*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }
}

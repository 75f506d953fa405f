using Portunus.Edge.Native;

namespace Portunus.Edge.Link;

/// <summary>
/// Where an edge keeps what it needs to start without its control plane: the last plan and the counters. One process has it at a
/// time, by a lock that the kernel lets go of with the process, however that ends. Nobody else may look into it.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Read and write for the owner: the mode of every file in it.</summary>
    public const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    private StateDirectory(string path, FileStream held) => (Path, _lock) = (path, held);

    public string Path { get; }

    /// <summary>The last good plan.</summary>
    public string PlanFile => System.IO.Path.Combine(Path, "plan.json");

    /// <summary>A folder for mapped counters; it is there.</summary>
    public string CountersFolder => System.IO.Path.Combine(Path, "counters");

    /// <summary>
    /// The place asked for, else the first of <c>$STATE_DIRECTORY</c>, which systemd sets for a unit with StateDirectory=
    /// (systemd.exec(5)), else <c>portunus/edge</c> under the XDG state folder.
    /// </summary>
    /// <exception cref="StateRefusal">Nothing says where.</exception>
    public static string PlaceFor(string? asked, Func<string, string?> variable)
    {
        if (asked is { Length: > 0 })
        {
            return asked;
        }

        // systemd separates several folders by colons; the first is the unit's own.
        if (variable("STATE_DIRECTORY")?.Split(':')[0] is { Length: > 0 } unit)
        {
            return unit;
        }

        // The XDG base directory specification has relative paths ignored.
        if (variable("XDG_STATE_HOME") is { } state && System.IO.Path.IsPathRooted(state))
        {
            return System.IO.Path.Combine(state, "portunus", "edge");
        }

        return variable("HOME") is { } home && System.IO.Path.IsPathRooted(home)
            ? System.IO.Path.Combine(home, ".local", "state", "portunus", "edge")
            : throw new StateRefusal("Nothing says where the edge keeps its state: give --state-dir, or set STATE_DIRECTORY or HOME.");
    }

    /// <summary>Makes the folder where it is missing, closes it to others, and takes its lock.</summary>
    /// <exception cref="StateRefusal">It will not do, or another process has it.</exception>
    public static StateDirectory Open(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            Prepare(path);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new StateRefusal($"The state directory {path} cannot be used: {broken.Message}");
        }

        FileStream? held = null;
        try
        {
            // FileShare.None is flock(2) here: held by the open file, gone with the process.
            held = new FileStream(System.IO.Path.Combine(path, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerFile,
            });
            var opened = new StateDirectory(path, held);
            Prepare(opened.CountersFolder);
            return opened;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            throw new StateRefusal(broken.HResult == (int)Errno.EAGAIN
                ? $"The state directory {path} is in use by another process: one edge runs on it at a time."
                : $"The state directory {path} cannot be used: {broken.Message}");
        }
    }

    /// <summary>Lets go of the lock. The file stays: were it removed, somebody could hold a lock on a file without a name.</summary>
    public void Dispose() => _lock.Dispose();

    private static void Prepare(string folder)
    {
        Directory.CreateDirectory(folder, OwnerOnly);
        // It may have been made by hand or by a unit with another mode: what is in it is nobody else's business.
        if (File.GetUnixFileMode(folder) != OwnerOnly)
        {
            File.SetUnixFileMode(folder, OwnerOnly);
        }
    }
}

namespace Portunus.Web.Database;

/// <summary>
/// On what kind of file system a folder lies (proc_pid_mountinfo(5)). SQLite's locks and shared memory do not hold over a
/// network, and a store in memory is gone with the machine: both are refused before anything is written.
/// </summary>
internal static class FileSystemClass
{
    private static readonly HashSet<string> s_network = new(StringComparer.Ordinal)
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "glusterfs", "lustre", "9p", "gfs2", "ocfs2", "fuse",
    };

    private static readonly HashSet<string> s_memory = new(StringComparer.Ordinal) { "tmpfs", "ramfs", "devtmpfs", "hugetlbfs" };

    /// <summary>What is wrong with keeping a store there, as a sentence; null when nothing is.</summary>
    /// <param name="folder">A folder; where it is missing, it counts as the nearest one above it.</param>
    /// <param name="mounts">Lines of <c>/proc/self/mountinfo</c>.</param>
    public static string? Refusal(string folder, IEnumerable<string> mounts)
    {
        if (TypeOf(RealPath(folder), mounts) is not { } type)
        {
            return null;
        }

        if (s_memory.Contains(type))
        {
            return $"{folder} lies in memory ({type}); everything would be lost with the machine. Choose a folder on a disk with --data-dir.";
        }

        // fuseblk is a local disk; every other FUSE file system may be anything, a network one more often than not.
        return s_network.Contains(type) || type.StartsWith("fuse.", StringComparison.Ordinal)
            ? $"{folder} lies on a network or user-space file system ({type}), where the locks of the store do not hold. Choose a folder on a local disk with --data-dir."
            : null;
    }

    /// <summary>The type of the mount that holds <paramref name="path"/>; of several on one place, the last, which covers the others.</summary>
    internal static string? TypeOf(string path, IEnumerable<string> mounts)
    {
        string? type = null;
        var longest = -1;
        foreach (var line in mounts)
        {
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            if (words.Length < 5 || dash < 0 || dash + 1 >= words.Length)
            {
                continue;
            }

            var place = Unescape(words[4]);
            if (place.Length >= longest && IsBelow(path, place))
            {
                (longest, type) = (place.Length, words[dash + 1]);
            }
        }

        return type;
    }

    private static bool IsBelow(string path, string place) =>
        place == "/" || path == place || (path.StartsWith(place, StringComparison.Ordinal) && path[place.Length] == '/');

    /// <summary>Blanks, tabs, line ends and backslashes are written as three octal digits.</summary>
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        return text.Replace("\\040", " ", StringComparison.Ordinal).Replace("\\011", "\t", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
    }

    /// <summary>The folder with every link on the way followed, as the kernel will.</summary>
    private static string RealPath(string folder)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(folder).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            var here = new DirectoryInfo(next);
            real = here.Exists && here.ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : next;
        }

        return real;
    }
}

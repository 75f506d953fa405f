using System.Runtime.InteropServices;
using System.Text;

namespace Portunus.Edge.Native;

/// <summary>open(2) and fsync(2) of a folder, which .NET opens as no file.</summary>
internal static unsafe partial class FolderCalls
{
    private const int ReadOnly = 0x0; // O_RDONLY
    private const int CloseOnExec = 0x80000; // O_CLOEXEC

    /// <summary>
    /// Has the names within a folder reach the disk: a file that was renamed into it may else have its old content again after a
    /// loss of power (fsync(2)). A file system that cannot (EINVAL) has no such promise to give.
    /// </summary>
    public static Errno Flush(string folder)
    {
        var bytes = Encoding.UTF8.GetBytes(folder + '\0');
        SysResult opened;
        fixed (byte* name = bytes)
        {
            opened = SysResult.From(open(name, ReadOnly | CloseOnExec));
        }

        if (!opened.IsOk)
        {
            return opened.Error;
        }

        var flushed = SysResult.From(fsync(opened.Value));
        PipeCalls.Close(opened.Value);
        return flushed.Error == Errno.EINVAL ? Errno.None : flushed.Error;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int open(byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int fd);
}

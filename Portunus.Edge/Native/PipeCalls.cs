using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>pipe(7), splice(2), eventfd(2), close(2).</summary>
internal static unsafe partial class PipeCalls
{
    private const int NonBlockCloseOnExec = 0x800 | 0x80000;
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ
    private const int GetPipeSize = 1032; // F_GETPIPE_SZ
    private const uint SpliceMoveNonBlock = 0x01 | 0x02;

    /// <summary>A non-blocking pipe.</summary>
    public static SysResult Open(out int readEnd, out int writeEnd)
    {
        var ends = stackalloc int[2];
        var result = SysResult.From(pipe2(ends, NonBlockCloseOnExec));
        readEnd = result.IsOk ? ends[0] : -1;
        writeEnd = result.IsOk ? ends[1] : -1;
        return result;
    }

    /// <summary>Asks for a capacity in bytes; answers the one in force.</summary>
    public static SysResult Resize(int pipe, int bytes) => SysResult.From(fcntl(pipe, SetPipeSize, bytes));

    public static SysResult SizeOf(int pipe) => SysResult.From(fcntl(pipe, GetPipeSize, 0));

    /// <summary>Moves up to <paramref name="count"/> bytes without copying; one end must be a pipe. Never blocks.</summary>
    public static SysResult Splice(int from, int to, nuint count)
    {
        SysResult result;
        do
        {
            result = SysResult.From(splice(from, null, to, null, count, SpliceMoveNonBlock));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>A counter that wakes a loop.</summary>
    public static SysResult OpenEvent() => SysResult.From(eventfd(0, NonBlockCloseOnExec));

    public static SysResult SignalEvent(int eventFd)
    {
        var one = 1UL;
        return SysResult.From(write(eventFd, &one, sizeof(ulong)));
    }

    /// <summary>Gives the descriptor back. After EINTR Linux has closed it all the same (close(2)), so it is never retried.</summary>
    public static void Close(int fd)
    {
        if (fd >= 0)
        {
            _ = close(fd);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int pipe2(int* ends, int flags);

    // fcntl is variadic; on x64 and arm64 Linux an int argument travels in the same register either way.
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int fd, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint splice(int fdIn, long* offIn, int fdOut, long* offOut, nuint length, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, void* buffer, nuint count);

    [LibraryImport("libc")]
    private static partial int close(int fd);
}

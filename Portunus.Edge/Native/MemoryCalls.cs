using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Portunus.Edge.Native;

/// <summary>mmap(2), msync(2), posix_fallocate(3).</summary>
internal static unsafe partial class MemoryCalls
{
    private const int ReadWrite = 0x1 | 0x2; // PROT_READ | PROT_WRITE
    private const int Shared = 0x01;
    private const int Private = 0x02;
    private const int Anonymous = 0x20;
    private const int Sync = 4; // MS_SYNC

    /// <summary>Zeroed memory of this process; null where there is none.</summary>
    public static byte* MapAnonymous(int bytes) => Checked(mmap(null, (nuint)bytes, ReadWrite, Private | Anonymous, -1, 0));

    /// <summary>
    /// Part of a file as memory, shared with it: what is written there outlives the process. The space must have been reserved, since
    /// writing to a hole on a full disk is a SIGBUS. Null where the kernel refuses.
    /// </summary>
    /// <param name="file">Open for reading and writing.</param>
    /// <param name="offset">A multiple of the page size.</param>
    /// <param name="bytes">How much.</param>
    public static byte* MapFile(SafeFileHandle file, long offset, int bytes)
    {
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            return Checked(mmap(null, (nuint)bytes, ReadWrite, Shared, (int)file.DangerousGetHandle(), (nint)offset));
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    public static void Unmap(byte* address, int bytes) => _ = munmap(address, (nuint)bytes);

    /// <summary>Has what was written to mapped memory on the disk when it returns.</summary>
    public static SysResult Flush(byte* address, int bytes) => SysResult.From(msync(address, (nuint)bytes, Sync));

    /// <summary>Gives a part of a file blocks of its own, extending it where need be.</summary>
    public static Errno Reserve(SafeFileHandle file, long offset, long bytes)
    {
        var held = false;
        try
        {
            file.DangerousAddRef(ref held);
            var error = Errno.EINTR;
            while (error == Errno.EINTR)
            {
                // The only one here that answers the error itself.
                error = (Errno)posix_fallocate((int)file.DangerousGetHandle(), (nint)offset, (nint)bytes);
            }

            return error;
        }
        finally
        {
            if (held)
            {
                file.DangerousRelease();
            }
        }
    }

    private static byte* Checked(byte* address) => (nint)address == -1 ? null : address; // MAP_FAILED

    [LibraryImport("libc", SetLastError = true)]
    private static partial byte* mmap(byte* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(byte* address, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int msync(byte* address, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial int posix_fallocate(int fd, nint offset, nint length);
}

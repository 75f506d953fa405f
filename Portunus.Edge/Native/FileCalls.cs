using System.Runtime.InteropServices;
using System.Text;

namespace Portunus.Edge.Native;

/// <summary>statx(2): .NET tells a socket from a regular file nowhere. Unlike stat(2) its layout is the same on every machine.</summary>
internal static unsafe partial class FileCalls
{
    private const int AtCurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint TypeMask = 0x1; // STATX_TYPE
    private const int StatxSize = 256;
    private const int ModeOffset = 28;
    private const int FormatMask = 0xF000; // S_IFMT
    private const int FormatSocket = 0xC000; // S_IFSOCK

    /// <summary>What the path itself is; a symbolic link is not followed. Throws <see cref="IOException"/> where the kernel does not say.</summary>
    public static FileKind KindOf(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path + '\0');
        var record = stackalloc byte[StatxSize];
        SysResult result;
        fixed (byte* name = bytes)
        {
            result = SysResult.From(statx(AtCurrentFolder, name, NoFollow, TypeMask, record));
        }

        if (result.Error == Errno.ENOENT)
        {
            return FileKind.Absent;
        }

        if (!result.IsOk)
        {
            throw new IOException($"{path} cannot be looked at: {result.Error}");
        }

        return (*(ushort*)(record + ModeOffset) & FormatMask) == FormatSocket ? FileKind.Socket : FileKind.Other;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* record);
}

using System.Runtime.InteropServices;
using System.Text;

namespace Portunus.Edge.Native;

/// <summary>
/// What tells whether a file is still the one that was read: inode, size, and the times of its last write and last change
/// in nanoseconds. The change time cannot be set by hand, so a copy that keeps the write time is noticed too. Symbolic links are followed.
/// </summary>
internal readonly partial record struct FileStamp(ulong Inode, ulong Bytes, long WrittenAt, long ChangedAt)
{
    private const int AtCurrentFolder = -100; // AT_FDCWD
    private const uint Wanted = 0x40 | 0x80 | 0x100 | 0x200; // STATX_MTIME, _CTIME, _INO, _SIZE

    /// <summary>Null where there is no such file, or none that can be looked at.</summary>
    public static unsafe FileStamp? Of(string path)
    {
        var bytes = Encoding.UTF8.GetBytes(path + '\0');
        Statx record;
        fixed (byte* name = bytes)
        {
            if (statx(AtCurrentFolder, name, 0, Wanted, &record) != 0)
            {
                return null;
            }
        }

        return new FileStamp(record.Inode, record.Size, Nanoseconds(record.WrittenAt), Nanoseconds(record.ChangedAt));
    }

    private static long Nanoseconds(StatxTime time) => (time.Seconds * 1_000_000_000) + time.Nanoseconds;

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int statx(int folder, byte* path, int flags, uint mask, Statx* record);

    /// <summary>statx(2); its layout is the same on every machine.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public StatxTime ChangedAt;

        [FieldOffset(112)]
        public StatxTime WrittenAt;
    }

    [StructLayout(LayoutKind.Sequential, Size = 16)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Nanoseconds;
    }
}

using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>termios(3), ioctl_tty(2), poll(2): a terminal that hands over each key and is told each byte.</summary>
internal static unsafe partial class TerminalCalls
{
    /// <summary>Room for struct termios, whose fields only libc looks at: 60 bytes on Linux.</summary>
    private const int SettingsSize = 128;

    private const int AfterOutput = 1; // TCSADRAIN
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ
    private const short Readable = 1; // POLLIN

    /// <summary>The settings in force, to be put back later; null where the descriptor is no terminal.</summary>
    public static byte[]? ReadSettings(int fd)
    {
        var settings = new byte[SettingsSize];
        fixed (byte* pointer = settings)
        {
            return SysResult.From(tcgetattr(fd, pointer)).IsOk ? settings : null;
        }
    }

    /// <summary>No echo, no lines, no signals from keys.</summary>
    public static void SetRaw(int fd, byte[] settings)
    {
        var raw = (byte[])settings.Clone();
        fixed (byte* pointer = raw)
        {
            cfmakeraw(pointer);
        }

        Restore(fd, raw);
    }

    /// <summary>Puts settings in force. Failing is of no use to anybody: the terminal has gone.</summary>
    public static void Restore(int fd, byte[] settings)
    {
        fixed (byte* pointer = settings)
        {
            _ = tcsetattr(fd, AfterOutput, pointer);
        }
    }

    /// <summary>Columns and rows; 80 × 24 where the terminal does not know.</summary>
    public static (int Width, int Height) SizeOf(int fd)
    {
        var size = stackalloc ushort[4];
        var known = SysResult.From(ioctl(fd, GetWindowSize, size)).IsOk && size[0] > 0 && size[1] > 0;
        return known ? (size[1], size[0]) : (80, 24);
    }

    /// <summary>Waits for input; the number of bytes read, 0 when there was none in time, -1 when there will be none any more.</summary>
    public static int Read(int fd, Span<byte> buffer, int timeoutMs)
    {
        var wait = new PollEntry { Fd = fd, Events = Readable };
        var ready = SysResult.From(poll(&wait, 1, timeoutMs));
        if (!ready.IsOk)
        {
            return ready.Error == Errno.EINTR ? 0 : -1;
        }

        if (ready.Value == 0)
        {
            return 0;
        }

        fixed (byte* pointer = buffer)
        {
            var got = SysResult.From(read(fd, pointer, (nuint)buffer.Length));
            return got.IsOk ? (got.Value == 0 ? -1 : got.Value) : got.Error is Errno.EINTR or Errno.EAGAIN ? 0 : -1;
        }
    }

    /// <summary>Writes everything; false where the terminal has gone.</summary>
    public static bool Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var wrote = SysResult.From(write(fd, pointer + sent, (nuint)(bytes.Length - sent)));
                if (!wrote.IsOk && wrote.Error is not (Errno.EINTR or Errno.EAGAIN))
                {
                    return false;
                }

                sent += wrote.IsOk ? wrote.Value : 0;
            }
        }

        return true;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcgetattr(int fd, byte* settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcsetattr(int fd, int when, byte* settings);

    [LibraryImport("libc")]
    private static partial void cfmakeraw(byte* settings);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int fd, void* buffer, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int fd, void* buffer, nuint count);
}

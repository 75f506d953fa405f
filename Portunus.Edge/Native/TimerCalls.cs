using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>timerfd_create(2) on CLOCK_MONOTONIC.</summary>
internal static unsafe partial class TimerCalls
{
    private const int Monotonic = 1;
    private const int NonBlockCloseOnExec = 0x800 | 0x80000;

    public static SysResult Open() => SysResult.From(timerfd_create(Monotonic, NonBlockCloseOnExec));

    /// <summary>
    /// Makes the timer readable once, this many nanoseconds from now (at least one: zero would disarm it), and forgets what was set
    /// before, an expiry that nobody read included.
    /// </summary>
    public static SysResult Set(int timer, long nanoseconds)
    {
        // struct itimerspec: interval, then first expiry, each in seconds and nanoseconds; all longs on 64-bit Linux.
        var left = Math.Max(nanoseconds, 1);
        var spec = stackalloc long[4] { 0, 0, left / 1_000_000_000, left % 1_000_000_000 };
        return SysResult.From(timerfd_settime(timer, 0, spec, null));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_create(int clock, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int timerfd_settime(int fd, int flags, long* value, long* old);
}

using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>epoll(7).</summary>
internal static unsafe partial class EpollCalls
{
    public const uint In = 0x001;
    public const uint Out = 0x004;
    public const uint Err = 0x008;
    public const uint Hup = 0x010;
    public const uint PeerShutdown = 0x2000; // EPOLLRDHUP

    /// <summary>What a leg that is read is watched for: bytes, and whether the end follows right behind them.</summary>
    public const uint Read = In | PeerShutdown;

    public const uint Exclusive = 1u << 28;
    public const uint EdgeTriggered = 1u << 31;

    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Delete = 2;
    private const int Modify = 3;

    public static SysResult Create() => SysResult.From(epoll_create1(CloseOnExec));

    public static SysResult Register(int epoll, int fd, uint events, ulong tag) => Control(epoll, Add, fd, events, tag);

    public static SysResult Change(int epoll, int fd, uint events, ulong tag) => Control(epoll, Modify, fd, events, tag);

    public static SysResult Unregister(int epoll, int fd) => Control(epoll, Delete, fd, 0, 0);

    /// <summary>Fills <paramref name="events"/>; −1 ms waits for ever. A signal counts as "nothing".</summary>
    public static SysResult Wait(int epoll, EpollEvents events, int timeoutMs)
    {
        var result = SysResult.From(epoll_wait(epoll, events.Pointer, events.Capacity, timeoutMs));
        return result.Error == Errno.EINTR ? SysResult.From(0) : result;
    }

    private static SysResult Control(int epoll, int operation, int fd, uint events, ulong tag)
    {
        var buffer = stackalloc byte[EpollEvents.MaxStride];
        EpollEvents.Write(buffer, events, tag);
        return SysResult.From(epoll_ctl(epoll, operation, fd, buffer));
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epfd, int op, int fd, byte* ev);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epfd, byte* events, int maxevents, int timeout);
}

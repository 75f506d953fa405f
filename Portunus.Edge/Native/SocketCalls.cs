using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>socket(7), tcp(7): stream sockets, always non-blocking and close-on-exec.</summary>
internal static unsafe partial class SocketCalls
{
    private const int Stream = 1;
    private const int NonBlock = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int More = 0x8000;
    private const int ShutWrite = 1;

    private const int SolSocket = 1;
    private const int SoReuseAddr = 2;
    private const int SoError = 4;
    private const int SoKeepAlive = 9;
    private const int SoLinger = 13;
    private const int SoReceiveLowWater = 18;
    private const int IpProtoTcp = 6;
    private const int TcpNoDelay = 1;
    private const int TcpKeepIdle = 4;
    private const int TcpKeepInterval = 5;
    private const int TcpKeepCount = 6;
    private const int IpProtoIpv6 = 41;
    private const int Ipv6Only = 26;
    private const uint SiocOutQueue = 0x5411; // TIOCOUTQ

    public static SysResult OpenStream(ushort family) => SysResult.From(socket(family, Stream | NonBlock | CloseOnExec, 0));

    public static SysResult Bind(int fd, in SockAddr address)
    {
        fixed (SockAddr* pointer = &address)
        {
            return SysResult.From(bind(fd, pointer, (uint)address.Length));
        }
    }

    public static SysResult Listen(int fd, int backlog) => SysResult.From(listen(fd, backlog));

    /// <summary>Takes one connection and its peer's address in the same call.</summary>
    public static SysResult Accept(int fd, out SockAddr peer)
    {
        peer = default;
        SysResult result;
        fixed (SockAddr* pointer = &peer)
        {
            do
            {
                var length = (uint)SockAddr.MaxLength;
                result = SysResult.From(accept4(fd, pointer, &length, NonBlock | CloseOnExec));
            }
            while (result.Error == Errno.EINTR);
        }

        return result;
    }

    /// <summary>EINPROGRESS is the ordinary answer. EINTR means the same: the attempt goes on (connect(2)).</summary>
    public static SysResult Connect(int fd, in SockAddr address)
    {
        fixed (SockAddr* pointer = &address)
        {
            var result = SysResult.From(connect(fd, pointer, (uint)address.Length));
            return result.Error == Errno.EINTR ? SysResult.Failed(Errno.EINPROGRESS) : result;
        }
    }

    public static SysResult Receive(int fd, byte* buffer, int count)
    {
        SysResult result;
        do
        {
            result = SysResult.From(recv(fd, buffer, (nuint)count, 0));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>
    /// With <paramref name="moreFollows"/> (MSG_MORE) the last partial segment waits for what comes next, at most 200 ms: for a FIN
    /// that is sent right away.
    /// </summary>
    public static SysResult Send(int fd, byte* buffer, int count, bool moreFollows = false)
    {
        var flags = moreFollows ? NoSignal | More : NoSignal;
        SysResult result;
        do
        {
            result = SysResult.From(send(fd, buffer, (nuint)count, flags));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>Sends FIN after what is queued; the other way stays open.</summary>
    public static SysResult ShutdownWrite(int fd) => SysResult.From(shutdown(fd, ShutWrite));

    public static SysResult LocalAddress(int fd, out SockAddr address)
    {
        address = default;
        fixed (SockAddr* pointer = &address)
        {
            var length = (uint)SockAddr.MaxLength;
            return SysResult.From(getsockname(fd, pointer, &length));
        }
    }

    /// <summary>Whom a connected socket talks to; ENOTCONN before and after.</summary>
    public static SysResult PeerAddress(int fd, out SockAddr address)
    {
        address = default;
        fixed (SockAddr* pointer = &address)
        {
            var length = (uint)SockAddr.MaxLength;
            return SysResult.From(getpeername(fd, pointer, &length));
        }
    }

    /// <summary>The pending error, which this call clears.</summary>
    public static Errno TakeError(int fd)
    {
        int error;
        var length = (uint)sizeof(int);
        var result = SysResult.From(getsockopt(fd, SolSocket, SoError, &error, &length));
        return result.IsOk ? (Errno)error : result.Error;
    }

    public static SysResult SetReuseAddress(int fd) => SetInt(fd, SolSocket, SoReuseAddr, 1);

    public static SysResult SetIpv6Only(int fd, bool only) => SetInt(fd, IpProtoIpv6, Ipv6Only, only ? 1 : 0);

    public static SysResult SetNoDelay(int fd) => SetInt(fd, IpProtoTcp, TcpNoDelay, 1);

    /// <summary>
    /// epoll reports bytes only once this many are there (socket(7), SO_RCVLOWAT); an end or an error it reports at once. The kernel
    /// takes at most half of the receive buffer's ceiling and reports fewer bytes where the window is about to close.
    /// </summary>
    public static SysResult SetReceiveLowWater(int fd, int bytes) => SetInt(fd, SolSocket, SoReceiveLowWater, bytes);

    /// <summary>
    /// Probes a silent peer after <paramref name="idleSeconds"/>, each <paramref name="intervalSeconds"/>, and gives it up after
    /// <paramref name="count"/> unanswered probes. An accepted socket inherits these and TCP_NODELAY from its listener.
    /// </summary>
    public static SysResult SetKeepAlive(int fd, int idleSeconds, int intervalSeconds, int count)
    {
        var result = SetInt(fd, SolSocket, SoKeepAlive, 1);
        result = result.IsOk ? SetInt(fd, IpProtoTcp, TcpKeepIdle, idleSeconds) : result;
        result = result.IsOk ? SetInt(fd, IpProtoTcp, TcpKeepInterval, intervalSeconds) : result;
        return result.IsOk ? SetInt(fd, IpProtoTcp, TcpKeepCount, count) : result;
    }

    /// <summary>Closes with RST: SO_LINGER on with time 0 throws away whatever is still queued.</summary>
    public static void Reset(int fd)
    {
        if (fd < 0)
        {
            return;
        }

        var linger = stackalloc int[2] { 1, 0 };
        _ = setsockopt(fd, SolSocket, SoLinger, linger, 2 * sizeof(int));
        PipeCalls.Close(fd);
    }

    /// <summary>Bytes in the send queue that the peer has not acknowledged (tcp(7), SIOCOUTQ).</summary>
    public static SysResult Unacknowledged(int fd)
    {
        int queued;
        var result = SysResult.From(ioctl(fd, SiocOutQueue, &queued));
        return result.IsOk ? SysResult.From(queued) : result;
    }

    private static SysResult SetInt(int fd, int level, int name, int value) =>
        SysResult.From(setsockopt(fd, level, name, &value, sizeof(int)));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int bind(int fd, SockAddr* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int listen(int fd, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int accept4(int fd, SockAddr* address, uint* length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int connect(int fd, SockAddr* address, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int shutdown(int fd, int how);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockname(int fd, SockAddr* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getpeername(int fd, SockAddr* address, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, int* argument);
}

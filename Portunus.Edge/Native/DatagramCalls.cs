using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>udp(7), recvmmsg(2), sendmmsg(2): datagram sockets, always non-blocking and close-on-exec.</summary>
internal static unsafe partial class DatagramCalls
{
    /// <summary>The most datagrams that one segmented send may be cut into (UDP_MAX_SEGMENTS; 128 since Linux 6.9).</summary>
    public const int MaxSegments = 64;

    /// <summary>The most bytes of a segmented send: an IPv4 packet's, less room for headers and options.</summary>
    public const int MaxSegmentedBytes = 65_000;

    /// <summary>The largest payload of a datagram over IPv4; over IPv6 it is 20 bytes more.</summary>
    public const int MaxPayload = 65_507;

    /// <summary>MSG_TRUNC: the datagram was larger than its buffer.</summary>
    public const int Truncated = 0x20;

    private const int Datagram = 2;
    private const int NonBlock = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int DontWait = 0x40;
    private const int ErrorQueue = 0x2000;
    private const int NoSignal = 0x4000;

    private const int SolSocket = 1;
    private const int SoSendBuffer = 7;
    private const int SoReceiveBuffer = 8;
    private const int SoReusePort = 15;
    private const int SoSendBufferForce = 32;
    private const int SoReceiveBufferForce = 33;
    private const int SoMemory = 55;
    private const int MemoryDrops = 8; // SK_MEMINFO_DROPS
    private const int MemoryFigures = 9;
    private const int IpProtoIp = 0;
    private const int IpPacketInfo = 8;
    private const int IpReceiveErrors = 11;
    private const int IpProtoIpv6 = 41;
    private const int Ipv6ReceiveErrors = 25;
    private const int Ipv6ReceivePacketInfo = 49;
    private const int SolUdp = 17;
    private const int UdpGro = 104;
    private const int ErrorControlLength = 128;
    private const int ErrorValueLength = 16; // struct sock_extended_err

    public static SysResult Open(ushort family) => SysResult.From(socket(family, Datagram | NonBlock | CloseOnExec, 0));

    /// <summary>Receives up to <paramref name="count"/> messages; answers how many.</summary>
    public static SysResult ReceiveMany(int fd, MMsgHdr* messages, int count)
    {
        SysResult result;
        do
        {
            result = SysResult.From(recvmmsg(fd, messages, (uint)count, DontWait, null));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>
    /// Sends up to <paramref name="count"/> messages; answers how many went out. An error is that of the first: what stopped a call
    /// that sent some is told when the rest is sent again.
    /// </summary>
    public static SysResult SendMany(int fd, MMsgHdr* messages, int count)
    {
        SysResult result;
        do
        {
            result = SysResult.From(sendmmsg(fd, messages, (uint)count, NoSignal));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    public static SysResult SendOne(int fd, MsgHdr* message)
    {
        SysResult result;
        do
        {
            result = SysResult.From(sendmsg(fd, message, NoSignal));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>
    /// Takes one error that an ICMP message left on a socket with <see cref="SetReceiveErrors"/> (ip(7), IP_RECVERR);
    /// <see cref="Errno.None"/> when there is none.
    /// </summary>
    public static Errno TakeQueuedError(int fd)
    {
        var control = stackalloc byte[ErrorControlLength];
        var message = new MsgHdr { Control = control, ControlLength = ErrorControlLength };
        var received = SysResult.From(recvmsg(fd, &message, ErrorQueue | DontWait));
        if (!received.IsOk)
        {
            return Errno.None;
        }

        // The value begins with ee_errno; level and type tell it from time stamps, which nobody asked for.
        var value = ControlMessages.Find(control, message.ControlLength, IpProtoIp, IpReceiveErrors, ErrorValueLength);
        value = value is null ? ControlMessages.Find(control, message.ControlLength, IpProtoIpv6, Ipv6ReceiveErrors, ErrorValueLength) : value;
        return value is null ? Errno.EIO : (Errno)(*(uint*)value);
    }

    /// <summary>
    /// Lets more sockets bind to the address (socket(7), SO_REUSEPORT). On a socket that is bound already it admits only those that
    /// are bound with the flag from then on.
    /// </summary>
    public static SysResult SetReusePort(int fd) => SetInt(fd, SolSocket, SoReusePort, 1);

    /// <summary>Has each datagram say which local address it came to (IP_PKTINFO, IPV6_RECVPKTINFO).</summary>
    public static SysResult SetPacketInfo(int fd, ushort family) => family == SockAddr.FamilyInet6
        ? SetInt(fd, IpProtoIpv6, Ipv6ReceivePacketInfo, 1)
        : SetInt(fd, IpProtoIp, IpPacketInfo, 1);

    /// <summary>Has the kernel tell of every ICMP error, not only of "port unreachable" (ip(7), IP_RECVERR).</summary>
    public static SysResult SetReceiveErrors(int fd, ushort family) => family == SockAddr.FamilyInet6
        ? SetInt(fd, IpProtoIpv6, Ipv6ReceiveErrors, 1)
        : SetInt(fd, IpProtoIp, IpReceiveErrors, 1);

    /// <summary>Lets the kernel hand out several datagrams of one source and size as one message (UDP_GRO, since Linux 5.0).</summary>
    public static SysResult SetJoined(int fd) => SetInt(fd, SolUdp, UdpGro, 1);

    /// <summary>A receive buffer of this many bytes: past net.core.rmem_max where CAP_NET_ADMIN allows, else as much as there may be.</summary>
    public static SysResult SetReceiveBuffer(int fd, int bytes)
    {
        var forced = SetInt(fd, SolSocket, SoReceiveBufferForce, bytes);
        return forced.IsOk ? forced : SetInt(fd, SolSocket, SoReceiveBuffer, bytes);
    }

    /// <summary>As <see cref="SetReceiveBuffer"/>, for sending.</summary>
    public static SysResult SetSendBuffer(int fd, int bytes)
    {
        var forced = SetInt(fd, SolSocket, SoSendBufferForce, bytes);
        return forced.IsOk ? forced : SetInt(fd, SolSocket, SoSendBuffer, bytes);
    }

    /// <summary>Datagrams the kernel dropped at this socket since it was made; wraps round.</summary>
    public static uint ReceiveDrops(int fd)
    {
        var figures = stackalloc uint[MemoryFigures];
        var length = (uint)(MemoryFigures * sizeof(uint));
        return SysResult.From(getsockopt(fd, SolSocket, SoMemory, figures, &length)).IsOk && length == MemoryFigures * sizeof(uint)
            ? figures[MemoryDrops]
            : 0;
    }

    private static SysResult SetInt(int fd, int level, int name, int value) =>
        SysResult.From(setsockopt(fd, level, name, &value, sizeof(int)));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(int fd, MMsgHdr* messages, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sendmmsg(int fd, MMsgHdr* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int fd, MsgHdr* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(int fd, MsgHdr* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setsockopt(int fd, int level, int name, void* value, uint length);
}

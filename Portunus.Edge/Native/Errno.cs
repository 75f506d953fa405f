namespace Portunus.Edge.Native;

/// <summary>Numbers of errno(3) on Linux; the same on x64 and arm64.</summary>
internal enum Errno
{
    None = 0,
    EPERM = 1,
    ENOENT = 2,
    EINTR = 4,
    EIO = 5,
    EBADF = 9,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    EBUSY = 16,
    EEXIST = 17,
    EINVAL = 22,
    ENFILE = 23,
    EMFILE = 24,
    ENOSPC = 28,
    EPIPE = 32,
    ENOSYS = 38,
    EPROTO = 71,
    ENOTSOCK = 88,
    EMSGSIZE = 90,
    ENOPROTOOPT = 92,
    EOPNOTSUPP = 95,
    EAFNOSUPPORT = 97,
    EADDRINUSE = 98,
    EADDRNOTAVAIL = 99,
    ENETDOWN = 100,
    ENETUNREACH = 101,
    ECONNABORTED = 103,
    ECONNRESET = 104,
    ENOBUFS = 105,
    EISCONN = 106,
    ENOTCONN = 107,
    ETIMEDOUT = 110,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
    EALREADY = 114,
    EINPROGRESS = 115,
}

/// <summary>What an errno means to a caller that has to go on.</summary>
internal static class ErrnoClass
{
    /// <summary>The peer reset the connection, or is known to be gone.</summary>
    public static bool IsReset(this Errno error) => error is Errno.ECONNRESET or Errno.EPIPE or Errno.ECONNABORTED;

    /// <summary>This process or the machine is out of descriptors or memory; waiting helps.</summary>
    public static bool IsPressure(this Errno error) => error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM;

    /// <summary>
    /// The way to a peer ends somewhere: an ICMP message said so (ip(7), icmp(7)), or our own routes do. EACCES and EPROTO are what
    /// ICMPv6 "administratively prohibited" and "parameter problem" become, ENOPROTOOPT "protocol unreachable".
    /// </summary>
    public static bool IsUnreachable(this Errno error) => error is Errno.ECONNREFUSED or Errno.EHOSTUNREACH or Errno.ENETUNREACH
        or Errno.EHOSTDOWN or Errno.ENETDOWN or Errno.EACCES or Errno.EPROTO or Errno.ENOPROTOOPT;

    /// <summary>
    /// accept(2) passes on errors of the connection being accepted: they concern one peer, and the next accept may succeed.
    /// </summary>
    public static bool IsPeerFault(this Errno error) => error is Errno.ECONNABORTED or Errno.EPROTO or Errno.ENETDOWN or Errno.ENOPROTOOPT
        or Errno.EHOSTDOWN or Errno.EHOSTUNREACH or Errno.EOPNOTSUPP or Errno.ENETUNREACH or Errno.EPERM or Errno.ETIMEDOUT;

    /// <summary>These descriptors cannot splice (splice(2): EINVAL); copying still works.</summary>
    public static bool IsCannotSplice(this Errno error) => error is Errno.EINVAL or Errno.ENOSYS or Errno.EPERM or Errno.EOPNOTSUPP;
}

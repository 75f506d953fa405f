using System.Net;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;

namespace Portunus.Edge.Tcp;

/// <summary>
/// Opens listening descriptors. No SO_REUSEPORT: it would let another process of the same user bind the same port unnoticed.
/// SO_REUSEADDR lets a restarted edge bind at once over connections in TIME_WAIT and still refuses a port that another socket
/// listens on.
/// </summary>
internal static class ListeningSocket
{
    /// <summary>A descriptor bound to what the key says and listening.</summary>
    public static SysResult Open(ListenKey key, int backlog)
    {
        if (key.Address is not null)
        {
            return Open(SockAddr.From(key.Address, key.Port), dualStack: false, backlog);
        }

        var dual = Open(SockAddr.From(IPAddress.IPv6Any, key.Port), dualStack: true, backlog);
        return dual.Error is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL
            ? Open(SockAddr.From(IPAddress.Any, key.Port), dualStack: false, backlog)
            : dual;
    }

    private static SysResult Open(in SockAddr address, bool dualStack, int backlog)
    {
        var opened = SocketCalls.OpenStream(address.Family);
        if (!opened.IsOk)
        {
            return opened;
        }

        var fd = opened.Value;
        var step = SocketCalls.SetReuseAddress(fd);
        if (step.IsOk && address.Family == SockAddr.FamilyInet6)
        {
            step = SocketCalls.SetIpv6Only(fd, !dualStack);
        }

        // Accepted sockets inherit both, which saves four calls for each connection.
        step = step.IsOk ? SocketCalls.SetNoDelay(fd) : step;
        step = step.IsOk
            ? SocketCalls.SetKeepAlive(fd, StreamDial.KeepAliveIdleSeconds, StreamDial.KeepAliveIntervalSeconds, StreamDial.KeepAliveCount)
            : step;
        step = step.IsOk ? SocketCalls.Bind(fd, address) : step;
        step = step.IsOk ? SocketCalls.Listen(fd, backlog) : step;
        if (step.IsOk)
        {
            return opened;
        }

        PipeCalls.Close(fd);
        return step;
    }
}

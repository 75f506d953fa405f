using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;
using Portunus.Edge.Tcp;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>What binding the ports of a rule came to.</summary>
/// <param name="Listeners">One for each port, in order; empty on a refusal.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Port">The port refused.</param>
/// <param name="Error">What the kernel said.</param>
internal sealed record BindResult(IReadOnlyList<TcpListener> Listeners, BindRefusal Refusal, int Port, Errno Error)
{
    public static BindResult Refused(int port, Errno error) => new([], RefusalOf(error), port, error);

    private static BindRefusal RefusalOf(Errno error) => error switch
    {
        Errno.EADDRINUSE => BindRefusal.PortInUse,
        Errno.EACCES or Errno.EPERM => BindRefusal.NotPermitted,
        Errno.EADDRNOTAVAIL or Errno.EAFNOSUPPORT => BindRefusal.NoSuchAddress,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM => BindRefusal.OutOfDescriptors,
        _ => BindRefusal.Other,
    };
}

/// <summary>
/// Binds listening descriptors; a range is all or nothing. No SO_REUSEPORT: it would let another process of the same user
/// bind the same port unnoticed. SO_REUSEADDR lets a restarted edge bind at once over connections in TIME_WAIT and still
/// refuses a port that another socket listens on.
/// </summary>
internal sealed class ListenerSet
{
    private readonly int _backlog;
    private readonly SpareDescriptor _spareDescriptor;
    private readonly AcceptErrorCount _acceptErrors;
    private readonly ILogger _log;
    private readonly Action<TcpListener, Errno> _died;

    public ListenerSet(int backlog, SpareDescriptor spareDescriptor, AcceptErrorCount acceptErrors, ILogger log, Action<TcpListener, Errno> died)
    {
        _backlog = backlog;
        _spareDescriptor = spareDescriptor;
        _acceptErrors = acceptErrors;
        _log = log;
        _died = died;
    }

    /// <summary>
    /// Binds each port of a rule, taking over from <paramref name="spares"/> descriptors that a rule of the same plan gave up.
    /// On a refusal what was bound here is closed again and what was taken over is put back.
    /// </summary>
    public BindResult Bind(CheckedRule rule, Dictionary<ListenKey, TcpListener> spares)
    {
        var listeners = new List<TcpListener>(rule.ListenPorts.Length);
        var taken = new List<TcpListener>();
        for (var port = rule.ListenPorts.First; port <= rule.ListenPorts.Last; port++)
        {
            var key = new ListenKey(rule.ListenAddress, port);
            if (spares.Remove(key, out var spare))
            {
                taken.Add(spare);
                listeners.Add(spare);
                continue;
            }

            var opened = Open(key);
            if (!opened.IsOk)
            {
                foreach (var listener in listeners.Except(taken))
                {
                    listener.Close();
                }

                foreach (var listener in taken)
                {
                    spares[listener.Key] = listener;
                }

                return BindResult.Refused(port, opened.Error);
            }

            listeners.Add(new TcpListener(opened.Value, key, _spareDescriptor, _acceptErrors, _log, _died));
        }

        return new BindResult(listeners, BindRefusal.None, 0, Errno.None);
    }

    private SysResult Open(ListenKey key)
    {
        if (key.Address is not null)
        {
            return Open(SockAddr.From(key.Address, key.Port), dualStack: false);
        }

        var dual = Open(SockAddr.From(IPAddress.IPv6Any, key.Port), dualStack: true);
        return dual.Error is Errno.EAFNOSUPPORT or Errno.EADDRNOTAVAIL
            ? Open(SockAddr.From(IPAddress.Any, key.Port), dualStack: false)
            : dual;
    }

    private SysResult Open(in SockAddr address, bool dualStack)
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
        step = step.IsOk ? SocketCalls.Listen(fd, _backlog) : step;
        if (step.IsOk)
        {
            return opened;
        }

        PipeCalls.Close(fd);
        return step;
    }
}

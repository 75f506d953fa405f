using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Engine;

/// <summary>What binding the ports of a rule came to.</summary>
/// <param name="Listeners">One for each port, in order; empty on a refusal.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="Port">The port refused.</param>
/// <param name="Error">What the kernel said.</param>
internal sealed record BindResult(IReadOnlyList<RuleListener> Listeners, BindRefusal Refusal, int Port, Errno Error)
{
    /// <summary>One sentence for people about the refusal.</summary>
    public string Text => Refusal switch
    {
        BindRefusal.PortInUse => $"Port {Port} is in use by another program or rule.",
        BindRefusal.NotPermitted => $"Port {Port} may not be bound: below 1024 the edge needs CAP_NET_BIND_SERVICE.",
        BindRefusal.NoSuchAddress => "The listen address is not on this machine.",
        BindRefusal.OutOfDescriptors => $"No descriptor was left for port {Port}.",
        _ => $"The kernel refused port {Port}: {Error}.",
    };

    public static BindResult Bound(IReadOnlyList<RuleListener> listeners) => new(listeners, BindRefusal.None, 0, Errno.None);

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

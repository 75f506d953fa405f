using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>Refuses a rule whose target is its own listener: the first connection would dial itself until descriptors run out.</summary>
internal static class LoopCheck
{
    /// <param name="target">A target of the rule.</param>
    /// <param name="field">What to name it.</param>
    /// <param name="listen">Where the rule listens.</param>
    /// <param name="problems">Where to tell it.</param>
    public static void Check(CheckedTarget target, string field, (IPAddress? Address, PortRange? Ports) listen, ProblemList problems)
    {
        if (target.FirstPort == listen.Ports?.First && IsOwn(listen.Address, target))
        {
            problems.Add("target_loop", field, $"{target.Host} port {target.FirstPort} is this rule's own listener.");
        }
    }

    private static bool IsOwn(IPAddress? listen, CheckedTarget target)
    {
        if (target.Literal is not { } literal)
        {
            return target.Host == "localhost" && (listen is null || IsAny(listen) || IsLocalhost(listen));
        }

        // Connecting to the unspecified address reaches the loopback address of its family on Linux.
        if (listen is not null && !IsAny(listen))
        {
            return literal.Equals(listen) || (IsAny(literal) && IsLocalhost(listen) && listen.AddressFamily == literal.AddressFamily);
        }

        return (IPAddress.IsLoopback(literal) || IsAny(literal)) && (listen is null || listen.AddressFamily == literal.AddressFamily);
    }

    /// <summary>What the name localhost stands for; the rest of 127.0.0.0/8 is loopback, but other addresses.</summary>
    private static bool IsLocalhost(IPAddress address) => address.Equals(IPAddress.Loopback) || address.Equals(IPAddress.IPv6Loopback);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}

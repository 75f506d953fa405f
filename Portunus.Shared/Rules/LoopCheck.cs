using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>Refuses a rule whose target is its own listener: the first connection would dial itself until descriptors run out.</summary>
internal static class LoopCheck
{
    public static void Check(CheckedRule rule, ProblemList problems)
    {
        for (var i = 0; i < rule.Targets.Count; i++)
        {
            var target = rule.Targets[i];
            if (target.FirstPort == rule.ListenPorts.First && IsOwn(rule.ListenAddress, target))
            {
                problems.Add("target_loop", $"targets[{i}]", $"{target.Host} port {target.FirstPort} is this rule's own listener.");
            }
        }
    }

    private static bool IsOwn(IPAddress? listen, CheckedTarget target)
    {
        if (target.Literal is not { } literal)
        {
            return target.Host == "localhost" && (listen is null || IPAddress.IsLoopback(listen) || IsAny(listen));
        }

        if (listen is not null && !IsAny(listen))
        {
            return literal.Equals(listen);
        }

        // Connecting to the unspecified address reaches loopback on Linux.
        return (IPAddress.IsLoopback(literal) || IsAny(literal)) && (listen is null || listen.AddressFamily == literal.AddressFamily);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}

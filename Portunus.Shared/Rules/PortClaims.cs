using System.Net;
using System.Net.Sockets;

namespace Portunus.Shared.Rules;

/// <summary>Two rules of one edge that want the same port.</summary>
/// <param name="First">Index of the one that has it.</param>
/// <param name="Second">Index of the one that cannot have it as well.</param>
/// <param name="Problem">What to tell about the second.</param>
public sealed record PortCollision(int First, int Second, RuleProblem Problem);

/// <summary>
/// Which rules of one edge collide: same protocol, overlapping address and port, unless every rule on that port routes by
/// server name or is its one fallback. Disabled and expired rules claim nothing.
/// </summary>
public static class PortClaims
{
    /// <summary>All collisions, each rule being told of the first one it collides with.</summary>
    /// <param name="rules">All rules of one edge.</param>
    /// <param name="now">Rules that expire by then claim nothing; null where rules do not expire, as those of a file.</param>
    public static IReadOnlyList<PortCollision> FindCollisions(IReadOnlyList<CheckedRule> rules, DateTimeOffset? now = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        // By first port: a rule can overlap only those that begin before it ends, and those are few.
        var order = Enumerable.Range(0, rules.Count).Where(index => Claims(rules[index], now)).OrderBy(index => rules[index].ListenPorts.First).ToArray();
        var found = new PortCollision?[rules.Count];
        for (var i = 0; i < order.Length; i++)
        {
            for (var j = i + 1; j < order.Length && rules[order[j]].ListenPorts.First <= rules[order[i]].ListenPorts.Last; j++)
            {
                var (first, second) = (Math.Min(order[i], order[j]), Math.Max(order[i], order[j]));
                // Port order is not list order: a collision with an earlier rule may come up later.
                var isEarliest = found[second] is not { } known || first < known.First;
                if (isEarliest && Collide(rules[first], rules[second]) is { } problem)
                {
                    found[second] = new PortCollision(first, second, problem);
                }
            }
        }

        return [.. found.OfType<PortCollision>()];
    }

    /// <summary>What keeps two rules from listening side by side; null when nothing does.</summary>
    public static RuleProblem? Collide(CheckedRule one, CheckedRule other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Protocol != other.Protocol || !one.ListenPorts.Overlaps(other.ListenPorts) || !Overlap(one.ListenAddress, other.ListenAddress))
        {
            return null;
        }

        var port = Math.Max(one.ListenPorts.First, other.ListenPorts.First);
        var field = other.ListenPorts.IsSingle ? "listen_port" : "listen_ports";
        if (!IsByName(one) || !IsByName(other) || !Equals(one.ListenAddress, other.ListenAddress))
        {
            return new RuleProblem("port_collision", field, $"Port {port} is already taken by the rule \"{one.Name}\".");
        }

        if (one.SniFallback && other.SniFallback)
        {
            return new RuleProblem("sni_fallback_duplicate", "sni_fallback", $"The rule \"{one.Name}\" is already the fallback of port {port}.");
        }

        return SharedName(one, other) is { } shared
            ? new RuleProblem("sni_name_duplicate", "sni", $"The rule \"{one.Name}\" already takes {shared} on port {port}.")
            : null;
    }

    // Asked for each pair of rules that share a port, and thousands may: a set for each pair took seconds.
    private static HostPattern? SharedName(CheckedRule one, CheckedRule other)
    {
        for (var i = 0; i < one.Sni.Count; i++)
        {
            for (var j = 0; j < other.Sni.Count; j++)
            {
                if (one.Sni[i] == other.Sni[j])
                {
                    return one.Sni[i];
                }
            }
        }

        return null;
    }

    private static bool Claims(CheckedRule rule, DateTimeOffset? now) => rule.Enabled && !(rule.ExpiresAt <= now);

    private static bool IsByName(CheckedRule rule) => rule.Sni.Count > 0 || rule.SniFallback;

    /// <summary>
    /// Whether two sockets on one port would get in each other's way. Null is all addresses; <c>::</c> all of IPv6; <c>0.0.0.0</c> all
    /// of IPv4.
    /// </summary>
    public static bool Overlap(IPAddress? one, IPAddress? other)
    {
        if (one is null || other is null || one.Equals(other))
        {
            return true;
        }

        return one.AddressFamily == other.AddressFamily && (IsAny(one) || IsAny(other));
    }

    private static bool IsAny(IPAddress address) =>
        address.Equals(address.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any);
}

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
/// server name or is its one fallback. Disabled rules claim nothing.
/// </summary>
public static class PortClaims
{
    /// <summary>All collisions, each rule being told of the first one it collides with.</summary>
    public static IReadOnlyList<PortCollision> FindCollisions(IReadOnlyList<CheckedRule> rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var found = new List<PortCollision>();
        // By first port: a rule can overlap only those that begin before it ends, and those are few.
        var order = Enumerable.Range(0, rules.Count).Where(index => rules[index].Enabled).OrderBy(index => rules[index].ListenPorts.First).ToArray();
        var told = new HashSet<int>();
        for (var i = 0; i < order.Length; i++)
        {
            for (var j = i + 1; j < order.Length && rules[order[j]].ListenPorts.First <= rules[order[i]].ListenPorts.Last; j++)
            {
                var (first, second) = (Math.Min(order[i], order[j]), Math.Max(order[i], order[j]));
                if (!told.Contains(second) && Collide(rules[first], rules[second]) is { } problem && told.Add(second))
                {
                    found.Add(new PortCollision(first, second, problem));
                }
            }
        }

        return [.. found.OrderBy(collision => collision.Second)];
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

        return one.Sni.Intersect(other.Sni).FirstOrDefault() is { } shared
            ? new RuleProblem("sni_name_duplicate", "sni", $"The rule \"{one.Name}\" already takes {shared} on port {port}.")
            : null;
    }

    private static bool IsByName(CheckedRule rule) => rule.Sni.Count > 0 || rule.SniFallback;

    /// <summary>Null is all addresses; <c>::</c> all of IPv6; <c>0.0.0.0</c> all of IPv4.</summary>
    internal static bool Overlap(IPAddress? one, IPAddress? other)
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

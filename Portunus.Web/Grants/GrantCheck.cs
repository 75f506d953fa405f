using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>
/// Whether an account may use ports of an edge. One grant must cover the whole request: ports of two grants do not add up, since
/// either may go alone. Pure.
/// </summary>
internal static class GrantCheck
{
    /// <summary>What the grants come to; null where none covers the request.</summary>
    /// <param name="grants">Of one account.</param>
    /// <param name="edge">Where.</param>
    /// <param name="protocol">Of the rule.</param>
    /// <param name="ports">All that the rule listens on.</param>
    /// <param name="now">Grants that end by then cover nothing.</param>
    public static GrantCover? Cover(IEnumerable<Grant> grants, EdgeId edge, TransportProtocol protocol, PortRange ports, DateTimeOffset now)
    {
        var covering = grants.Where(grant => Holds(grant, edge, now) && Allows(grant, protocol) && Covers(grant, ports)).ToList();
        return covering.Count == 0
            ? null
            : new GrantCover(covering.Exists(grant => grant.ExpiresAt is null) ? null : covering.Max(grant => grant.ExpiresAt), covering.Exists(grant => grant.LocalTargets));
    }

    /// <summary>Why no grant covers the request, or null where one does: first the edge, then the protocol, then the ports.</summary>
    public static Problem? Refusal(IReadOnlyCollection<Grant> grants, EdgeId edge, TransportProtocol protocol, PortRange ports, DateTimeOffset now)
    {
        var here = grants.Where(grant => Holds(grant, edge, now)).ToList();
        if (here.Count == 0)
        {
            return new Problem("edge_not_granted", "edge", "No grant covers this edge.", ProblemKind.Forbidden);
        }

        var word = protocol == TransportProtocol.Udp ? "udp" : "tcp";
        var speaking = here.FindAll(grant => Allows(grant, protocol));
        if (speaking.Count == 0)
        {
            return new Problem("protocol_not_granted", "protocol", $"No grant on this edge covers {word}.", ProblemKind.Forbidden);
        }

        return speaking.Exists(grant => Covers(grant, ports))
            ? null
            : new Problem("ports_not_granted", ports.IsSingle ? "listen_port" : "listen_ports",
                $"No single grant covers {word} {ports} on this edge; granted: {string.Join(", ", speaking.Select(grant => new PortRange(grant.FirstPort, grant.LastPort)).Distinct().Take(8))}.",
                ProblemKind.Forbidden);
    }

    /// <summary>Whether the grant speaks of the edge and has not ended.</summary>
    public static bool Holds(Grant grant, EdgeId edge, DateTimeOffset now) => (grant.EdgeId is null || grant.EdgeId == edge) && !(grant.ExpiresAt <= now);

    private static bool Allows(Grant grant, TransportProtocol protocol) => protocol == TransportProtocol.Udp ? grant.Udp : grant.Tcp;

    private static bool Covers(Grant grant, PortRange ports) => grant.FirstPort <= ports.First && grant.LastPort >= ports.Last;
}

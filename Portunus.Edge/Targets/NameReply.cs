using System.Net;

namespace Portunus.Edge.Targets;

/// <summary>Addresses of one family, or why there are none.</summary>
/// <param name="Addresses">In the order given; empty unless found.</param>
/// <param name="Ttl">How long the server lets them be kept.</param>
/// <param name="Reason">For people; empty when found.</param>
internal sealed record NameReply(NameVerdict Verdict, IPAddress[] Addresses, TimeSpan Ttl, string Reason)
{
    /// <summary>Nothing is known: the servers, not the name, are at fault.</summary>
    public bool IsFailure => Verdict is NameVerdict.Refused or NameVerdict.Silent;

    public static NameReply Without(NameVerdict verdict, string reason) => new(verdict, [], TimeSpan.Zero, reason);
}

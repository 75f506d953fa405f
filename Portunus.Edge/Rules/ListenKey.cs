using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Rules;

/// <summary>
/// What a listener is bound to; a null address is all addresses, dual-stack. TCP and UDP of one port number are two keys that have
/// nothing to do with each other.
/// </summary>
internal readonly record struct ListenKey(TransportProtocol Protocol, IPAddress? Address, int Port)
{
    /// <summary>Whether the kernel lets only one of the two be bound at a time.</summary>
    public bool Overlaps(ListenKey other) =>
        Protocol == other.Protocol && Port == other.Port && PortClaims.Overlap(Address, other.Address);

    /// <summary>The keys of a rule, in the order of its ports.</summary>
    public static IEnumerable<ListenKey> Of(CheckedRule rule) => Enumerable.Range(rule.ListenPorts.First, rule.ListenPorts.Length)
        .Select(port => new ListenKey(rule.Protocol, rule.ListenAddress, port));
}

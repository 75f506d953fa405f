namespace Portunus.Edge.Native;

/// <summary>What the kernel does with a packet to an address: the types of route of rtnetlink(7), numbered as there.</summary>
internal enum RouteKind
{
    /// <summary>No way leads there.</summary>
    None = 0,
    Unicast = 1,

    /// <summary>It is one of this machine.</summary>
    Local = 2,
    Broadcast = 3,

    /// <summary>A machine of this network answers for it, this one perhaps.</summary>
    Anycast = 4,
    Multicast = 5,
}

namespace Portunus.Shared.Samples;

/// <summary>
/// Every reason for which a datagram is not passed on. A datagram that was taken from the kernel is either delivered or
/// dropped for exactly one of these, so that over a rule and a direction what was received equals the datagrams plus the
/// drops; only <see cref="ReceiveBufferFull"/> never reached us.
/// </summary>
public enum DatagramDrop
{
    /// <summary>A new source while the rule has as many flows as <c>udp_max_flows</c> allows; live flows are never evicted for it.</summary>
    OverCap,

    /// <summary>A new source that allow or deny refuses.</summary>
    Denied,

    /// <summary>A new source over the rule's limit on new flows.</summary>
    RuleFlowRate,

    /// <summary>A new source over the rule's limit on concurrent flows.</summary>
    RuleConcurrent,

    /// <summary>A new source over the owner's limit on new flows.</summary>
    OwnerFlowRate,

    /// <summary>A new source over the owner's limit on concurrent flows.</summary>
    OwnerConcurrent,

    /// <summary>Over a bandwidth limit of the rule or its owner.</summary>
    Bandwidth,

    /// <summary>Larger than the way takes: with its PROXY header above 65,507 bytes, or refused with EMSGSIZE (udp(7)).</summary>
    TooBig,

    /// <summary>Every target was unreachable or failed.</summary>
    NoTarget,

    /// <summary>No target's name could be resolved.</summary>
    NameFailed,

    /// <summary>The target is the edge itself or on its own link, which a rule without <c>local_targets</c> may not reach.</summary>
    LocalTarget,

    /// <summary>The kernel's send buffer was full (EAGAIN, ENOBUFS).</summary>
    SendBufferFull,

    /// <summary>The small queue of first datagrams was full while a target's name was looked up.</summary>
    QueueFull,

    /// <summary>No local port was left for the upstream socket.</summary>
    OutOfPorts,

    /// <summary>No descriptor was left for the upstream socket.</summary>
    OutOfDescriptors,

    /// <summary>An ICMP error said that the other side is not there.</summary>
    Unreachable,

    /// <summary>The kernel refused to send for a reason that none of the others is.</summary>
    SendFailed,

    /// <summary>Larger than what it was received into (MSG_TRUNC, recvmsg(2)).</summary>
    Truncated,

    /// <summary>A new source while the listener takes no new flows and waits for the last ones to end.</summary>
    Draining,

    /// <summary>Dropped by the kernel at our own socket, whose receive buffer was full (SK_MEMINFO_DROPS, socket(7)).</summary>
    ReceiveBufferFull,

    /// <summary>An error of ours; it is logged with its stack.</summary>
    Fault,
}

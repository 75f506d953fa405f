namespace Portunus.Shared.Samples;

/// <summary>
/// Every way a flow can end. Each accepted connection ends with exactly one of these, so that over a rule the ends plus
/// the open flows equal the accepted connections.
/// </summary>
public enum FlowEnd
{
    /// <summary>Both sides closed in an orderly way.</summary>
    Completed,

    /// <summary>The connecting side reset.</summary>
    DownstreamReset,

    /// <summary>The target reset.</summary>
    UpstreamReset,

    /// <summary>A socket failed for another reason than a reset (timed out by keep-alive, network unreachable).</summary>
    SocketFailed,

    /// <summary>Silent both ways for the rule's idle time.</summary>
    Idle,

    /// <summary>Of UDP: an ICMP error said that the target is not there; the next datagram of the source opens a new flow.</summary>
    Unreachable,

    /// <summary>Every target was tried and refused, was unreachable or failed.</summary>
    NoTarget,

    /// <summary>Every target was tried and the last one did not answer in time.</summary>
    ConnectTimeout,

    /// <summary>No target's name could be resolved.</summary>
    NameFailed,

    /// <summary>
    /// The last target tried has no address but of the edge itself or its own link, which a rule without <c>local_targets</c> may not reach;
    /// or the rule lost that right while the flow was open.
    /// </summary>
    LocalTarget,

    /// <summary>The PROXY header could not be delivered in time.</summary>
    PreludeFailed,

    /// <summary>Refused by allow or deny.</summary>
    Denied,

    /// <summary>Refused by the rule's limit on new flows.</summary>
    RuleFlowRate,

    /// <summary>Refused by the rule's limit on concurrent flows.</summary>
    RuleConcurrent,

    /// <summary>Refused by the owner's limit on new flows.</summary>
    OwnerFlowRate,

    /// <summary>Refused by the owner's limit on concurrent flows.</summary>
    OwnerConcurrent,

    /// <summary>No descriptor was left for the upstream socket.</summary>
    OutOfDescriptors,

    /// <summary>No local port was left for the upstream socket.</summary>
    OutOfPorts,

    /// <summary>Cut at once, because a change or its removal said so.</summary>
    Cut,

    /// <summary>Cut at the deadline of a drain.</summary>
    DrainDeadline,

    /// <summary>Cut because the edge stopped.</summary>
    Shutdown,

    /// <summary>An error of ours; it is logged with its stack.</summary>
    Fault,
}

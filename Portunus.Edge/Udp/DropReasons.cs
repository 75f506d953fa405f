using Portunus.Edge.Limits;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>Why datagrams are dropped.</summary>
internal static class DropReasons
{
    public static DatagramDrop Of(FlowRefusal refusal) => refusal switch
    {
        FlowRefusal.OwnerFlowRate => DatagramDrop.OwnerFlowRate,
        FlowRefusal.OwnerConcurrent => DatagramDrop.OwnerConcurrent,
        FlowRefusal.RuleFlowRate => DatagramDrop.RuleFlowRate,
        FlowRefusal.OverCap => DatagramDrop.OverCap,
        _ => DatagramDrop.RuleConcurrent,
    };

    /// <summary>What a send that waiting would not help came to.</summary>
    public static DatagramDrop Of(Errno error) => error switch
    {
        Errno.EMSGSIZE => DatagramDrop.TooBig,
        _ when error.IsUnreachable() => DatagramDrop.Unreachable,
        _ => DatagramDrop.SendFailed,
    };

    public static DatagramDrop Of(FlowEnd end) => end switch
    {
        FlowEnd.NameFailed => DatagramDrop.NameFailed,
        FlowEnd.LocalTarget => DatagramDrop.LocalTarget,
        FlowEnd.OutOfPorts => DatagramDrop.OutOfPorts,
        FlowEnd.OutOfDescriptors => DatagramDrop.OutOfDescriptors,
        FlowEnd.Unreachable => DatagramDrop.Unreachable,
        FlowEnd.Fault => DatagramDrop.Fault,
        FlowEnd.Cut or FlowEnd.DrainDeadline or FlowEnd.Shutdown => DatagramDrop.Draining,
        _ => DatagramDrop.NoTarget,
    };
}

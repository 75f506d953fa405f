using Portunus.Edge.Limits;
using Portunus.Edge.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>Where new sources of one listening socket are let in or turned away.</summary>
internal sealed class UdpDoor(UdpReceiver receiver, UdpLoop home, UdpFlowTable flows)
{
    /// <summary>The rule that new flows belong to; null before the first.</summary>
    public LoopRule? Rule { get; set; }

    /// <summary>Whether new sources are turned away.</summary>
    public bool IsShut { get; set; } = true;

    /// <summary>The flow of a key: the one that is there, or a new one, or null and its datagrams counted as dropped.</summary>
    public UdpFlow? FindOrOpen(in FlowKey key, int datagrams, long now)
    {
        var hash = key.Hash();
        return flows.Find(key, hash) ?? OpenFlow(key, hash, datagrams, now);
    }

    private UdpFlow? OpenFlow(in FlowKey key, uint hash, int datagrams, long now)
    {
        if (Rule is not { } rule)
        {
            return null;
        }

        if (IsShut)
        {
            rule.Counters.DroppedIn(DatagramDrop.Draining, datagrams);
            return null;
        }

        var state = rule.State;
        var model = state.Model;
        var source = key.Source().Unmapped();
        if (!model.Access.Allows(source))
        {
            rule.Counters.DroppedIn(DatagramDrop.Denied, datagrams);
            return null;
        }

        var admission = state.Limits.Flows;
        var refusal = admission.TryOpen(now, model.UdpMaxFlows);
        if (refusal != FlowRefusal.None)
        {
            rule.Counters.DroppedIn(DropReasons.Of(refusal), datagrams);
            return null;
        }

        var flow = home.RentFlow();
        var verdict = flow.Open(receiver, rule, admission, key, source, now);
        if (flow.Phase == UdpPhase.Closed)
        {
            admission.Undo();
            home.ReturnFlow(flow);
            rule.Counters.DroppedIn(DropReasons.Of(verdict), datagrams);
            return null;
        }

        flows.Add(flow, hash);
        return flow;
    }
}

using Portunus.Edge.Loop;

namespace Portunus.Edge.Udp;

/// <summary>The upstream side of a flow: its connected socket.</summary>
internal sealed class UdpLeg(UdpFlow flow) : Pollable
{
    public int Fd { get; set; } = -1;

    public override void Ready(uint events, long now) => flow.UpstreamReady(events, now);

    public override void Fault(Exception error) => flow.Fault(error);
}

using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Loop;
using Portunus.Edge.Udp;

namespace Portunus.Tests.Edge.Udp;

public sealed class UdpInboxTests : IDisposable
{
    private readonly UdpLoop _home = new(new EventLoop(0, NullLogger<EventLoop>.Instance));

    [Fact]
    public void Chain_SlotsOfTwoFlows_AreKeptInTheOrderTheyCame()
    {
        var inbox = _home.Inbox;
        var (first, second) = (new UdpFlow(_home), new UdpFlow(_home));
        inbox.Begin();
        inbox.Chain(first, 0, 0);
        inbox.Chain(second, 1, 0);
        inbox.Chain(first, 2, 0);

        Assert.Equal((0, 2, -1), (first.FirstSlot, inbox.NextSlot(0), inbox.NextSlot(2)));
        Assert.Equal((1, -1), (second.FirstSlot, inbox.NextSlot(1)));
    }

    [Fact]
    public unsafe void Abandon_AfterAnErrorOfOurs_LeavesNoFlowASlotAndNothingToSend()
    {
        var inbox = _home.Inbox;
        var flow = new UdpFlow(_home);
        var later = new UdpFlow(_home);
        inbox.Begin();
        inbox.Chain(flow, 0, 0);
        inbox.Chain(later, 1, 0);
        inbox.Batch.BeginIn(-1);
        inbox.Batch.Add(flow, inbox.Slab.PayloadAt(0), 10, 10);

        inbox.Abandon();

        Assert.Equal((-1, -1), (flow.FirstSlot, later.FirstSlot));
        Assert.True(inbox.Batch.IsEmpty);
        // The next batch begins anew for both.
        inbox.Begin();
        inbox.Chain(later, 3, 0);
        Assert.Equal((1, 3), (inbox.FlowCount, later.FirstSlot));
    }

    public void Dispose()
    {
        _home.Dispose();
        _home.Loop.Dispose();
    }
}

using Portunus.Edge.Memory;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>
/// One batch of datagrams from a listening socket, and which flow each belongs to: chained in the order they came. Valid until the
/// next batch.
/// </summary>
internal sealed class UdpInbox : IDisposable
{
    private const int End = -1;

    private readonly int[] _next = new int[DatagramSlab.Slots];
    private readonly int[] _segmentSizes = new int[DatagramSlab.Slots];
    private readonly UdpFlow?[] _flows = new UdpFlow?[DatagramSlab.Slots];

    public DatagramSlab Slab { get; } = new();

    public UdpBatch Batch { get; } = new();

    /// <summary>Flows that got something.</summary>
    public int FlowCount { get; private set; }

    public void Begin()
    {
        _flows.AsSpan(0, FlowCount).Clear();
        FlowCount = 0;
    }

    public UdpFlow? FlowAt(int index) => _flows[index];

    /// <summary>Gives a slot to a flow.</summary>
    public void Chain(UdpFlow flow, int slot, int segmentSize)
    {
        _next[slot] = End;
        _segmentSizes[slot] = segmentSize;
        if (flow.FirstSlot < 0)
        {
            flow.FirstSlot = slot;
            _flows[FlowCount++] = flow;
        }
        else
        {
            _next[flow.LastSlot] = slot;
        }

        flow.LastSlot = slot;
    }

    /// <summary>The slot behind another of the same flow; negative behind the last.</summary>
    public int NextSlot(int slot) => _next[slot];

    /// <summary>Size of each datagram in a slot but the last.</summary>
    public int SegmentSizeAt(int slot) => _segmentSizes[slot];

    /// <summary>Datagrams in a slot.</summary>
    public int DatagramsAt(int slot) => CountOf(Slab.LengthAt(slot), _segmentSizes[slot]);

    /// <summary>Datagrams in that many bytes; a size of 0 says that there is one.</summary>
    public static int CountOf(int length, int segmentSize) => segmentSize > 0 && segmentSize < length ? ((length - 1) / segmentSize) + 1 : 1;

    /// <summary>Gives up the batch, because of an error of ours: no flow may keep slots that the next one fills anew.</summary>
    public void Abandon()
    {
        Batch.Abandon();
        for (var i = 0; i < FlowCount; i++)
        {
            if (_flows[i] is not { FirstSlot: >= 0 } flow)
            {
                continue;
            }

            for (var slot = flow.FirstSlot; slot >= 0; slot = _next[slot])
            {
                flow.Dropped(isIn: true, DatagramDrop.Fault, DatagramsAt(slot));
            }

            flow.FirstSlot = End;
        }
    }

    public void Dispose()
    {
        Slab.Dispose();
        Batch.Dispose();
    }
}

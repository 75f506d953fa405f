using Portunus.Edge.Loop;
using Portunus.Edge.Memory;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>
/// Answers of targets, gathered over flows during one turn of the loop and sent at its end, so that a thousand flows with one
/// answer each share the calls of one listening socket.
/// </summary>
internal sealed unsafe class UdpReplies : ITurnEnd, IDisposable
{
    // Below this a busy flow is better served with all slots.
    private const int FewSlots = 8;

    private readonly EventLoop _loop;
    private readonly DatagramSlab _slab = new();
    private readonly UdpBatch _batch = new();
    private int _used;

    public UdpReplies(EventLoop loop) => _loop = loop;

    /// <summary>Receives what a flow's target has sent; answers what the kernel said where it gave nothing.</summary>
    public Errno Take(UdpFlow flow, UdpReceiver receiver, int want, long now, out int taken)
    {
        taken = 0;
        var free = DatagramSlab.Slots - _used;
        if (_used > 0 && (receiver.Fd != _batch.Fd || free < Math.Min(want, FewSlots)))
        {
            Flush();
            free = DatagramSlab.Slots;
        }

        want = Math.Min(want, free);
        var received = _slab.Receive(flow.UpstreamFd, _used, want, withNames: false, flow.IsJoined ? ControlMessages.SegmentLength : 0);
        if (!received.IsOk)
        {
            return received.Error;
        }

        if (_used == 0)
        {
            _batch.BeginOut(receiver.Fd, receiver.Family);
            _loop.CallAtTurnEnd(this);
        }

        taken = received.Value;
        for (var slot = _used; slot < _used + taken; slot++)
        {
            Gather(flow, slot, now);
        }

        _used += taken;
        return Errno.None;
    }

    /// <summary>Sends what was gathered, now: a flow or socket it belongs to is about to go.</summary>
    public void Flush()
    {
        _batch.Flush();
        _used = 0;
    }

    public void TurnEnds(long now) => Flush();

    public void Fault(Exception error)
    {
        _batch.Abandon();
        _used = 0;
    }

    public void Dispose()
    {
        _slab.Dispose();
        _batch.Dispose();
    }

    private void Gather(UdpFlow flow, int slot, long now)
    {
        if (_slab.IsTruncatedAt(slot))
        {
            flow.Dropped(isIn: false, DatagramDrop.Truncated, 1);
            return;
        }

        var size = 0;
        if (flow.IsJoined)
        {
            _slab.ReadControlAt(slot, out var told);
            size = told.SegmentSize;
        }

        var payload = _slab.PayloadAt(slot);
        var length = _slab.LengthAt(slot);
        size = size > 0 ? Math.Min(size, length) : length;
        if (flow.Limits?.Out is not { } limits)
        {
            _batch.Add(flow, payload, length, size);
            return;
        }

        var at = 0;
        do
        {
            var one = Math.Min(size, length - at);
            if (limits.TakeWhole(one, now))
            {
                _batch.Add(flow, payload + at, one, one);
            }
            else
            {
                flow.Dropped(isIn: false, DatagramDrop.Bandwidth, 1);
            }

            at += one;
        }
        while (at < length);
    }
}

using Portunus.Edge.Loop;
using Portunus.Edge.Memory;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>
/// One listening socket on one loop: takes datagrams in batches, finds the flow of each and hands over what belongs together.
/// </summary>
internal sealed class UdpReceiver : Pollable, ITimed
{
    // A batch that came back full is followed by another at once, a few times: then it is somebody else's turn.
    private const int BatchesPerEvent = 4;

    private static readonly long s_dropsLookTicks = TimeSpan.TicksPerSecond;

    private readonly UdpLoop _home;
    private readonly UdpListener _listener;
    private readonly UdpFlowTable _flows = new();
    private readonly UdpDoor _door;
    private readonly LoopTimer _dropsLook;
    private readonly UdpPulse _pulse;
    private readonly SockAddr _local;
    private readonly int _controlLength;
    private readonly bool _isSibling;
    private KernelDrops _drops;

    public UdpReceiver(UdpLoop home, UdpListener listener, int fd, in SockAddr local, int controlLength, bool isSibling)
    {
        _home = home;
        _listener = listener;
        _local = local;
        _controlLength = controlLength;
        _isSibling = isSibling;
        Fd = fd;
        _door = new UdpDoor(this, home, _flows);
        _dropsLook = new LoopTimer(this);
        _pulse = new UdpPulse(home.Loop, this);
    }

    public UdpLoop Home => _home;

    public int Fd { get; private set; }

    public ushort Family => _local.Family;

    public int Port => _listener.Port;

    /// <summary>Distance from the rule's first port.</summary>
    public int PortOffset { get; private set; }

    /// <summary>Whether new sources are turned away.</summary>
    public bool IsPaused => _door.IsShut;

    /// <summary>Flows that need this socket. Any thread.</summary>
    public int FlowCount => _flows.Count;

    /// <summary>New flows belong to this rule from now on. On the loop's thread.</summary>
    public Errno Open(LoopRule rule, int portOffset)
    {
        CountDrops();
        _door.Rule = rule;
        _door.IsShut = false;
        PortOffset = portOffset;
        return Tag == 0 ? _home.Loop.Register(Fd, this, EpollCalls.In).Error : Errno.None;
    }

    /// <summary>No new flows. What comes for none waits in the kernel once the port's last flow has ended. On the loop's thread.</summary>
    public void Pause(long now)
    {
        _door.IsShut = true;
        CountDrops();
        foreach (var flow in _flows.ToArray())
        {
            // A silent one is not waited for as long as before.
            flow.RuleChanged(now);
        }

        LetGo();
    }

    /// <summary>Ends its flows and closes the socket. On the loop's thread.</summary>
    public void Close(long now)
    {
        foreach (var flow in _flows.ToArray())
        {
            flow.Cut(FlowEnd.Cut, now);
        }

        CountDrops();
        _home.Loop.Timers.Disarm(_dropsLook);
        _pulse.Close();
        _home.Loop.Forget(this);
        PipeCalls.Close(Fd);
        Fd = -1;
    }

    /// <summary>A flow has ended.</summary>
    public void Leave(UdpFlow flow)
    {
        _flows.Remove(flow);
        LetGo();
    }

    /// <summary>The address of ours that a flow's source has called.</summary>
    public SockAddr LocalOf(in FlowKey key)
    {
        var local = key.HasLocal ? key.Local(Family) : _local;
        local.Port = Port;
        return local;
    }

    public override void Ready(uint events, long now) => Take(now);

    /// <summary>Takes what has come; true when there may be more.</summary>
    public bool Take(long now)
    {
        if (!_dropsLook.IsArmed)
        {
            _home.Loop.Timers.Arm(_dropsLook, now, s_dropsLookTicks);
        }

        var inbox = _home.Inbox;
        var taken = 0;
        var hasMore = true;
        for (var i = 0; i < BatchesPerEvent && hasMore; i++)
        {
            var received = inbox.Slab.Receive(Fd, 0, DatagramSlab.Slots, withNames: true, _controlLength);
            if (!received.IsOk)
            {
                hasMore = false;
                Survive(received.Error);
                break;
            }

            Sort(inbox, received.Value, now);
            for (var f = 0; f < inbox.FlowCount; f++)
            {
                if (inbox.FlowAt(f) is { } flow)
                {
                    Deliver(inbox, flow, now);
                }
            }

            taken += received.Value;
            hasMore = received.Value == DatagramSlab.Slots && Tag != 0;
        }

        if (Tag != 0)
        {
            _pulse.Count(taken, now);
        }

        return hasMore;
    }

    public void TimerDue(LoopTimer timer, long now) => CountDrops();

    public override void Fault(Exception error)
    {
        _home.Inbox.Abandon();
        _listener.Log.ReceiverFailed(Port, error);
    }

    /// <summary>Finds the flow of each datagram, opening flows for new sources.</summary>
    private void Sort(UdpInbox inbox, int count, long now)
    {
        inbox.Begin();
        var slab = inbox.Slab;
        UdpFlow? last = null;
        for (var slot = 0; slot < count; slot++)
        {
            var told = default(DatagramControl);
            if (_controlLength > 0)
            {
                slab.ReadControlAt(slot, out told);
            }

            if (told.IsGroup && _isSibling)
            {
                // Each socket of the port has got a copy of what a group or a whole network was sent; the first one's counts.
                continue;
            }

            if (slab.IsTruncatedAt(slot))
            {
                _door.Rule?.Counters.DroppedIn(DatagramDrop.Truncated);
                continue;
            }

            var key = FlowKey.Of(slab.NameAt(slot), told);
            // Datagrams of one source tend to come together.
            if (last is null || !last.Key.Equals(key))
            {
                last = _door.FindOrOpen(key, UdpInbox.CountOf(slab.LengthAt(slot), told.SegmentSize), now);
            }

            if (last is not null)
            {
                inbox.Chain(last, slot, told.SegmentSize);
            }
        }
    }

    private void Deliver(UdpInbox inbox, UdpFlow flow, long now)
    {
        var first = flow.FirstSlot;
        flow.FirstSlot = -1;
        var key = flow.Key;
        if (!Send(inbox, flow, first, mayRetry: true, now))
        {
            return;
        }

        // Nothing had gone out: the error came of what was sent earlier, so these datagrams are the next ones, which choose again.
        var datagrams = 0;
        for (var slot = first; slot >= 0; slot = inbox.NextSlot(slot))
        {
            datagrams += inbox.DatagramsAt(slot);
        }

        if (_door.FindOrOpen(key, datagrams, now) is { } next)
        {
            Send(inbox, next, first, mayRetry: false, now);
        }
    }

    /// <summary>Sends a chain of slots; true when the flow has ended and none of it was sent or counted.</summary>
    private unsafe bool Send(UdpInbox inbox, UdpFlow flow, int first, bool mayRetry, long now)
    {
        flow.Touch(now);
        if (flow.Phase == UdpPhase.Resolving)
        {
            for (var slot = first; slot >= 0; slot = inbox.NextSlot(slot))
            {
                flow.WayIn.Keep(inbox.Slab.PayloadAt(slot), inbox.Slab.LengthAt(slot), inbox.SegmentSizeAt(slot));
            }

            return false;
        }

        var batch = inbox.Batch;
        batch.BeginIn(flow.UpstreamFd);
        for (var slot = first; slot >= 0; slot = inbox.NextSlot(slot))
        {
            flow.WayIn.Gather(batch, inbox.Slab.PayloadAt(slot), inbox.Slab.LengthAt(slot), inbox.SegmentSizeAt(slot), now);
        }

        var isGone = batch.Flush(mayRetry, out var isUncounted) != Errno.None;
        if (isUncounted)
        {
            flow.WayIn.TakeBack();
        }
        else
        {
            flow.WayIn.Settle();
        }

        if (isGone)
        {
            flow.Gone(now);
        }

        return isUncounted;
    }

    /// <summary>
    /// Nobody needs the port now, though it stays bound until a rule takes it over or it is closed: what comes waits in the kernel, and
    /// epoll would report it without end. While a sibling has flows still, what comes here is read on, to be counted as dropped.
    /// </summary>
    private void LetGo()
    {
        if (IsPaused && !_listener.HoldsFlows)
        {
            _pulse.Stop();
            _home.Loop.Unregister(Fd, this);
        }
    }

    private void CountDrops()
    {
        var drops = _drops.Next(Fd);
        if (drops > 0)
        {
            _door.Rule?.Counters.DroppedIn(DatagramDrop.ReceiveBufferFull, drops);
        }
    }

    private void Survive(Errno error)
    {
        if (error != Errno.EAGAIN && !error.IsPressure() && !error.IsUnreachable() && error != Errno.EMSGSIZE)
        {
            // The socket stays readable, so leaving it in epoll would spin.
            _pulse.Stop();
            _home.Loop.Unregister(Fd, this);
            _listener.Died(error);
        }
    }
}

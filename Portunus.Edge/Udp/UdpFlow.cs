using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Udp;

/// <summary>Where a UDP flow stands.</summary>
internal enum UdpPhase : byte
{
    /// <summary>In the pool, or over.</summary>
    Closed,

    /// <summary>Waits for the first answer to a name.</summary>
    Resolving,

    /// <summary>Has its connected upstream socket.</summary>
    Connected,
}

/// <summary>
/// One source's association with one target, chosen once. It lives and dies on the loop that got its first datagram, so plain
/// fields do; it is used again, so nothing is allocated after its first use.
/// </summary>
internal sealed class UdpFlow : LiveFlow, ITimed, ILetterbox, INameWaiter
{
    /// <summary>How long a flow may be silent while its rule, or its listener, waits for the last flows to end.</summary>
    public static readonly long DrainIdleTicks = 5 * TimeSpan.TicksPerSecond;

    private readonly UdpLoop _home;
    private readonly UdpLeg _up;
    private readonly LoopTimer _timer;
    private FlowKey _key;

    // Until it is known whether the target works: most of a flow's life it is with another one.
    private DatagramDial? _dial;
    private UdpReceiver? _receiver;
    private LoopRule? _rule;
    private FlowLimits? _admission;
    private FlowCounters? _port;
    private FlowCounters? _targetCounters;
    private Target? _target;
    private UdpWayBack _wayBack;
    private long _lastActivity;
    private UdpPhase _phase;
    private bool _awaitsName;

    public UdpFlow(UdpLoop home, FlowKey key = default)
    {
        _home = home;
        _key = key;
        _up = new UdpLeg(this);
        WayIn = new UdpWayIn(this);
        _timer = new LoopTimer(this);
    }

    /// <summary>Source and local address; stays as it is while the flow is in a table.</summary>
    public ref readonly FlowKey Key => ref _key;

    public UdpPhase Phase => _phase;

    /// <summary>What its datagrams pass on their way to the target.</summary>
    public UdpWayIn WayIn { get; }

    /// <summary>The loop it lives on.</summary>
    public UdpLoop Home => _home;

    /// <summary>Whether the kernel may hand out several of its answers as one message.</summary>
    public bool IsJoined => _wayBack.IsJoined;

    public int UpstreamFd => _up.Fd;

    /// <summary>Runs of datagrams from this size on were refused by the kernel; they leave one by one.</summary>
    public int SegmentBelow { get; set; } = int.MaxValue;

    /// <summary>First and last of its slots in the batch being worked on; −1 when it has none.</summary>
    public int FirstSlot { get; set; } = -1;

    /// <inheritdoc cref="FirstSlot"/>
    public int LastSlot { get; set; }

    /// <summary>The address of ours that its source has called; empty when it is over.</summary>
    public SockAddr Local => _receiver?.LocalOf(_key) ?? default;

    /// <summary>The limits of its rule now; null when it is over.</summary>
    public RuleLimits? Limits => _rule?.State.Limits;

    /// <summary>
    /// Takes an admitted source. Closed afterwards where no target could be had at once, for the reason answered; that is no flow yet,
    /// and the caller gives back what it took.
    /// </summary>
    public FlowEnd Open(UdpReceiver receiver, LoopRule rule, FlowLimits admission, in FlowKey key, in SockAddr source, long now)
    {
        var model = rule.State.Model;
        _receiver = receiver;
        _rule = rule;
        _admission = admission;
        _key = key;
        _port = rule.Counters.Port(receiver.Port);
        _lastActivity = now;
        RuleRevision = model.Revision;
        _dial = _home.RentDial();
        _dial.Begin(model, source, receiver.PortOffset);
        var verdict = Dial(_dial, now);
        if (_phase == UdpPhase.Closed)
        {
            Reset();
            return verdict;
        }

        rule.Counters.Accepted++;
        rule.Add(this);
        _home.Loop.CountFlows(1);
        return verdict;
    }

    public override void Cut(FlowEnd reason, long now) => End(reason);

    public override void Forbid(TargetGuard guard, long now)
    {
        _dial?.Forbid(guard);
        if (_phase == UdpPhase.Connected && (!SocketCalls.PeerAddress(_up.Fd, out var target).IsOk || guard.Refuses(target)))
        {
            End(FlowEnd.LocalTarget);
        }
    }

    public override void RuleChanged(long now)
    {
        if (_phase == UdpPhase.Connected)
        {
            ArmIdle(now);
        }
    }

    public void TimerDue(LoopTimer timer, long now)
    {
        _wayBack.CountDrops(this);
        ArmIdle(now);
    }

    /// <summary>Any thread: the name this flow waits for has been answered.</summary>
    public void NameReady(NameEntry entry) => _home.Loop.Mailbox.Post(new Letter(this, 0, default));

    /// <summary>The answer to a name has arrived on the loop; a flow that has ended meanwhile was not used again and ignores it.</summary>
    public void Receive(in Letter letter, long now)
    {
        if (_phase != UdpPhase.Resolving || _dial is not { } dial)
        {
            return;
        }

        _awaitsName = false;
        dial.NameAnswered();
        var verdict = Dial(dial, now);
        if (_phase == UdpPhase.Closed)
        {
            End(verdict);
        }
        else if (_phase == UdpPhase.Connected)
        {
            if (WayIn.SendFirst(_up.Fd, now))
            {
                Gone(now);
            }
        }
    }

    public void Fault(Exception error)
    {
        if (_phase != UdpPhase.Closed)
        {
            End(FlowEnd.Fault);
        }
    }

    /// <summary>Datagrams have come from its source.</summary>
    public void Touch(long now) => _lastActivity = now;

    /// <summary>Datagrams went out.</summary>
    public void Sent(bool isIn, int bytes, int datagrams)
    {
        if (_port is not { } port || _targetCounters is not { } target || _rule is not { } rule)
        {
            return;
        }

        if (isIn)
        {
            port.BytesIn += bytes;
            port.DatagramsIn += datagrams;
            target.BytesIn += bytes;
            target.DatagramsIn += datagrams;
            rule.Counters.BytesIn += bytes;
            rule.Counters.DatagramsIn += datagrams;
        }
        else
        {
            port.BytesOut += bytes;
            port.DatagramsOut += datagrams;
            target.BytesOut += bytes;
            target.DatagramsOut += datagrams;
            rule.Counters.BytesOut += bytes;
            rule.Counters.DatagramsOut += datagrams;
        }
    }

    /// <summary>Datagrams did not go out.</summary>
    public void Dropped(bool isIn, DatagramDrop reason, int datagrams)
    {
        if (isIn)
        {
            _rule?.Counters.DroppedIn(reason, datagrams);
        }
        else
        {
            _rule?.Counters.DroppedOut(reason, datagrams);
        }
    }

    /// <summary>The kernel says, by an ICMP message or its own routes, that the target is not there.</summary>
    public void Gone(long now)
    {
        if (_rule is { } rule)
        {
            if (_dial is { } dial)
            {
                dial.FailedAfterConnect(rule.Counters, now, certain: true);
                ReturnDial(dial);
            }
            else if (_target is { } target && target.Health.ReportFailure(now, certain: true))
            {
                rule.Counters.TargetChanges++;
            }
        }

        if (_receiver is { } receiver)
        {
            UdpWayBack.TakeLast(this, receiver, now);
        }

        End(FlowEnd.Unreachable);
    }

    public void UpstreamReady(uint events, long now)
    {
        var isGone = (events & EpollCalls.Err) != 0 && UdpWayBack.TakeErrors(this);
        if (isGone || ((events & EpollCalls.In) != 0 && TakeAnswers(now)))
        {
            Gone(now);
        }
    }

    private FlowEnd Dial(DatagramDial dial, long now)
    {
        _phase = UdpPhase.Closed;
        var rule = Rule;
        switch (dial.Next(this, rule.Counters, now, out var fd))
        {
            case DialStep.Resolving:
                _phase = UdpPhase.Resolving;
                _awaitsName = true;
                return FlowEnd.NameFailed;
            case DialStep.Connected when dial.Entry is { } entry:
                _up.Fd = fd;
                if (_home.Loop.Register(fd, _up, EpollCalls.In).Error != Errno.None)
                {
                    // ENOMEM or ENOSPC (fs.epoll.max_user_watches): an upstream socket nobody watches would give no answer.
                    CloseUpstream();
                    return FlowEnd.OutOfDescriptors;
                }

                Connected(rule, entry, now);
                return FlowEnd.Completed;
            default:
                return dial.Verdict;
        }
    }

    private void Connected(LoopRule rule, TargetEntry entry, long now)
    {
        var port = _port ?? throw new InvalidOperationException("the flow is not open");
        var target = rule.Counters.Target(entry.Target.Number);
        _phase = UdpPhase.Connected;
        WayIn.Open(entry.ProxyHeader);
        _target = entry.Target;
        _target.AddFlows(1);
        _targetCounters = target;
        target.FlowsOpened++;
        target.FlowsActive++;
        port.FlowsOpened++;
        port.FlowsActive++;
        rule.Counters.FlowsOpened++;
        rule.Counters.FlowsActive++;
        // A name may have taken longer than the rule's idle time.
        _lastActivity = now;
        ArmIdle(now);
    }

    /// <summary>Takes what the target has sent; true when the kernel said instead that the target is gone.</summary>
    private bool TakeAnswers(long now)
    {
        if (_receiver is not { } receiver || _rule is not { } rule)
        {
            return false;
        }

        var isGone = _wayBack.Take(this, receiver, now, out var taken);
        if (taken > 0)
        {
            _lastActivity = now;
            if (_dial is { } dial)
            {
                dial.Succeeded(rule.Counters, now);
                ReturnDial(dial);
            }
        }

        return isGone;
    }

    /// <summary>Ends a flow that has been silent both ways for the rule's idle time, or looks again when it could have been.</summary>
    private void ArmIdle(long now)
    {
        var state = Rule.State;
        var idle = state.Model.UdpIdleTicks;
        if (_receiver is { IsPaused: true } || RuleRevision < state.DrainBefore)
        {
            idle = Math.Min(idle, DrainIdleTicks);
        }

        var left = _lastActivity + idle - now;
        if (left <= 0)
        {
            End(FlowEnd.Idle);
        }
        else
        {
            _home.Loop.Timers.Arm(_timer, now, left);
        }
    }

    private void End(FlowEnd reason)
    {
        var rule = Rule;
        _phase = UdpPhase.Closed;
        _home.Loop.Timers.Disarm(_timer);
        WayIn.DropFirst(DropReasons.Of(reason));
        if (_up.Fd >= 0)
        {
            // Its last answers may wait for the end of the turn.
            _home.FlushReplies();
            _wayBack.CountDrops(this);
            CloseUpstream();
        }

        _receiver?.Leave(this);
        rule.Counters.Ended(reason);
        rule.Remove(this);
        _admission?.Close();
        if (_target is not null && _targetCounters is not null && _port is not null)
        {
            _target.AddFlows(-1);
            _targetCounters.FlowsActive--;
            _port.FlowsActive--;
            rule.Counters.FlowsActive--;
        }

        _home.Loop.CountFlows(-1);
        Reset();
        if (!_awaitsName)
        {
            // One that a name's answer may still reach must not be somebody else by then.
            _home.ReturnFlow(this);
        }
    }

    private void CloseUpstream()
    {
        _home.Loop.Forget(_up);
        PipeCalls.Close(_up.Fd);
        _up.Fd = -1;
    }

    private void Reset()
    {
        if (_dial is { } dial)
        {
            dial.Abandon();
            ReturnDial(dial);
        }

        _receiver = null;
        _rule = null;
        _admission = null;
        _port = null;
        _targetCounters = null;
        _target = null;
        WayIn.Reset();
        _wayBack = default;
        SegmentBelow = int.MaxValue;
    }

    private void ReturnDial(DatagramDial dial)
    {
        dial.Release();
        _home.ReturnDial(dial);
        _dial = null;
    }

    private LoopRule Rule => _rule ?? throw new InvalidOperationException("the flow is not open");
}

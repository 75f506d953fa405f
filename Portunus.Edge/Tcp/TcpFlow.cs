using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Relay;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Tcp;

/// <summary>
/// One downstream connection paired with one upstream: dial, relay, end. It lives and dies on the loop that was given it,
/// so plain fields do; it is used again, so nothing is allocated after its first use.
/// </summary>
internal sealed class TcpFlow : LiveFlow, ITimed, ILetterbox, INameWaiter
{
    /// <summary>How long what was already read may take to reach a peer that is then reset.</summary>
    public static readonly long ResetDeadlineTicks = 5 * TimeSpan.TicksPerSecond;

    // Most flows are over before their upstream socket could need probing; the four calls that ask for it wait for those that are not.
    private static readonly long s_keepAliveAfter = 20 * TimeSpan.TicksPerSecond;

    private readonly TcpLoop _home;
    private readonly FlowLeg _down;
    private readonly FlowLeg _up;
    private readonly FlowDirection _in;
    private readonly FlowDirection _out;
    private readonly StreamDial _dial = new();
    private readonly LoopTimer _timer;

    private FlowPhase _phase;
    private LoopRule? _rule;
    private FlowLimits? _admission;
    private FlowCounters? _port;
    private FlowCounters? _targetCounters;
    private Target? _target;
    private SockAddr _peer;
    private FlowEnd _resetReason;
    private long _lastActivity;
    private long _deadline;
    private bool _keptAlive;

    public TcpFlow(TcpLoop home)
    {
        _home = home;
        _down = new FlowLeg(this);
        _up = new FlowLeg(this);
        _timer = new LoopTimer(this);
        _in = new FlowDirection(home, this, isIn: true);
        _out = new FlowDirection(home, this, isIn: false);
    }

    private RuleCounters Counters => Rule.Counters;

    private LoopRule Rule => _rule ?? throw new InvalidOperationException("the flow is not open");

    /// <summary>Takes an accepted and admitted connection.</summary>
    public void Open(LoopRule rule, FlowLimits admission, int fd, in SockAddr peer, int port, int portOffset, long now)
    {
        var model = rule.State.Model;
        _rule = rule;
        _admission = admission;
        _port = rule.Counters.Port(port);
        _peer = peer;
        RuleRevision = model.Revision;
        _down.Open(fd);
        rule.Add(this);
        _dial.Begin(model, peer, portOffset);
        Dial(now);
    }

    public override void Cut(FlowEnd reason, long now) => End(reason, reset: true);

    public override void Forbid(TargetGuard guard, long now)
    {
        _dial.Forbid(guard);
        if (_up.Fd >= 0 && _phase != FlowPhase.Closed && guard.Refuses(_dial.Dialled))
        {
            End(FlowEnd.LocalTarget, reset: true);
        }
    }

    public override void RuleChanged(long now)
    {
        if (_phase != FlowPhase.Relaying)
        {
            return;
        }

        ArmUpkeep(now);
        _in.LowerWakeLevel();
        _out.LowerWakeLevel();
        Resume(_in, now);
        Resume(_out, now);
        Settle(now);
    }

    public void LegReady(FlowLeg leg, uint events, long now)
    {
        switch (_phase)
        {
            case FlowPhase.Connecting:
                ConnectReady(events, now);
                break;
            case FlowPhase.Relaying:
                RelayReady(leg, events, now);
                break;
            case FlowPhase.Resetting:
                ResetReady(events, now);
                break;
            default:
                throw new InvalidOperationException($"an event came for a flow that is {_phase}");
        }
    }

    public void TimerDue(LoopTimer timer, long now)
    {
        if (timer == _timer)
        {
            PhaseTimerDue(now);
        }
        else
        {
            var direction = _in.Owns(timer) ? _in : _out;
            Resume(direction, now);
            FetchRemainder(direction, now);
            Settle(now);
        }
    }

    /// <summary>Any thread: the name this flow waits for has been answered.</summary>
    public void NameReady(NameEntry entry) => _home.Loop.Mailbox.Post(new Letter(this, 0, default));

    /// <summary>The answer to a name has arrived on the loop; a flow that has ended meanwhile was not used again and ignores it.</summary>
    public void Receive(in Letter letter, long now)
    {
        if (_phase == FlowPhase.Resolving)
        {
            _dial.NameAnswered();
            Dial(now);
        }
    }

    public void Fault(Exception error)
    {
        if (_phase != FlowPhase.Closed)
        {
            End(FlowEnd.Fault, reset: true);
        }
    }

    private void Dial(long now)
    {
        switch (_dial.Next(this, Counters, now, out var fd))
        {
            case DialStep.Connecting:
                _up.Open(fd);
                _phase = FlowPhase.Connecting;
                if (_up.Watch(_home.Loop, EpollCalls.Out, ended: false, noisy: false, hungUp: false) != Errno.None)
                {
                    End(FlowEnd.OutOfDescriptors, reset: true);
                    return;
                }

                _home.Loop.Timers.Arm(_timer, now, Rule.State.Model.ConnectTimeoutTicks);
                break;
            case DialStep.Connected:
                _up.Open(fd);
                Connected(now);
                break;
            case DialStep.Resolving:
                _phase = FlowPhase.Resolving;
                break;
            default:
                End(_dial.Verdict, reset: true);
                break;
        }
    }

    private void ConnectReady(uint events, long now)
    {
        if ((events & (EpollCalls.Err | EpollCalls.Hup)) != 0)
        {
            ConnectFailed(timedOut: SocketCalls.TakeError(_up.Fd) == Errno.ETIMEDOUT, now);
            return;
        }

        if (_dial.HasMetItself(_up.Fd))
        {
            ConnectFailed(timedOut: false, now);
            return;
        }

        _home.Loop.Timers.Disarm(_timer);
        Connected(now);
    }

    private void Connected(long now)
    {
        if (_dial.Entry is not { } entry)
        {
            throw new InvalidOperationException("connected to no target");
        }

        if (entry.ProxyHeader != ProxyHeaderVersion.None && !SendPrelude(entry.ProxyHeader, now))
        {
            return;
        }

        _dial.Succeeded(Counters, now);
        StartRelay(entry, now);
    }

    private void ConnectFailed(bool timedOut, long now)
    {
        _home.Loop.Timers.Disarm(_timer);
        _up.Close(_home.Loop, reset: false);
        _dial.AttemptFailed(timedOut);
        Dial(now);
    }

    /// <summary>
    /// Sends the PROXY header. A fresh socket's send buffer always takes its at most 107 bytes, so nothing can get stuck here;
    /// a target that is gone already counts as a failed connect.
    /// </summary>
    private unsafe bool SendPrelude(ProxyHeaderVersion version, long now)
    {
        SocketCalls.LocalAddress(_down.Fd, out var local);
        Span<byte> header = stackalloc byte[ProxyHeader.MaxLength];
        var length = ProxyHeader.Write(version, _peer, local.Unmapped(), header);
        fixed (byte* pointer = header)
        {
            var sent = SocketCalls.Send(_up.Fd, pointer, length);
            if (sent.IsOk && sent.Value == length)
            {
                return true;
            }
        }

        _up.Close(_home.Loop, reset: true);
        _dial.FailedAfterConnect(Counters, now);
        Dial(now);
        return false;
    }

    private void StartRelay(TargetEntry entry, long now)
    {
        var port = _port ?? throw new InvalidOperationException("the flow is not open");
        var target = Counters.Target(entry.Target.Number);
        _phase = FlowPhase.Relaying;
        _target = entry.Target;
        _target.AddFlows(1);
        _targetCounters = target;
        target.FlowsOpened++;
        target.FlowsActive++;
        port.FlowsOpened++;
        port.FlowsActive++;
        Counters.FlowsOpened++;
        Counters.FlowsActive++;
        _in.Open(Rule, port, target, _down.Fd, _up.Fd);
        _out.Open(Rule, port, target, _up.Fd, _down.Fd);
        _lastActivity = now;
        _keptAlive = false;
        ArmUpkeep(now);

        // What the peer sent during the dial is usually there by now: one call saves a wake.
        Turn(_in, now);
        Settle(now);
    }

    private void RelayReady(FlowLeg leg, uint events, long now)
    {
        var from = leg == _down ? _in : _out;
        var to = leg == _down ? _out : _in;
        var hungUp = (events & (EpollCalls.Err | EpollCalls.Hup)) != 0;
        var noisy = hungUp || ((events & EpollCalls.In) != 0 && from.Relay.SourceEnded);
        if ((events & EpollCalls.Out) != 0 && to.Relay.HasWaiting)
        {
            Turn(to, now);
        }

        if (_phase == FlowPhase.Relaying && (hungUp || (events & EpollCalls.In) != 0))
        {
            if (from.Relay.WantsRead)
            {
                Turn(from, now, endFollows: (events & EpollCalls.PeerShutdown) != 0 && !hungUp && leg.Broken == Errno.None);
            }
            else if (hungUp)
            {
                LegHungUp(leg, to, now);
            }
        }

        Settle(now, leg, noisy, hungUp);
    }

    /// <summary>
    /// An error or hang-up on a leg that is not being read: its end was seen already, or what it sent waits for the other side.
    /// </summary>
    private void LegHungUp(FlowLeg leg, FlowDirection to, long now)
    {
        var error = SocketCalls.TakeError(leg.Fd);
        if (error == Errno.None && to.Relay.IsFinished)
        {
            // FIN went both ways: nothing is wrong, and what waits is still delivered.
            return;
        }

        WriteBroke(leg, to, error == Errno.None ? Errno.EPIPE : error, now);
    }

    /// <summary>One way's turn: deliver what waits, then one read and one write.</summary>
    private void Turn(FlowDirection direction, long now, bool endFollows = false)
    {
        var relay = direction.Relay;
        if (relay.HasWaiting)
        {
            var flushed = direction.Flush();
            Applied(direction, flushed, now);
            if (flushed.Status != PumpStatus.Drained)
            {
                return;
            }
        }

        if (relay.SourceEnded)
        {
            PassOnEnd(direction, now);
        }
        else if (relay.WantsRead)
        {
            Applied(direction, direction.Move(endFollows, now), now);
        }
    }

    /// <summary>Books what a pump did and reacts to how it ended.</summary>
    private void Applied(FlowDirection direction, in PumpResult result, long now)
    {
        if (result.Read > 0 || result.Delivered > 0)
        {
            _lastActivity = now;
            Other(direction).Answered();
        }

        switch (result.Status)
        {
            case PumpStatus.Ended:
                PassOnEnd(direction, now);
                break;
            case PumpStatus.SourceBroken:
                BeginReset(SourceOf(direction), result.Error, now);
                break;
            case PumpStatus.SinkBroken:
                WriteBroke(SinkOf(direction), direction, result.Error, now);
                break;
            default:
                break;
        }
    }

    /// <summary>The source has ended and everything was delivered: FIN goes on, the other way stays open.</summary>
    private void PassOnEnd(FlowDirection direction, long now)
    {
        if (direction.Relay.IsFinished)
        {
            return;
        }

        var source = SourceOf(direction);
        if (source.Broken != Errno.None)
        {
            BeginReset(source, source.Broken, now);
            return;
        }

        direction.Relay.IsFinished = true;
        if (Other(direction).Relay.IsFinished)
        {
            End(FlowEnd.Completed, reset: false);
            return;
        }

        // ENOTCONN: the sink is gone already, which its own events tell.
        SocketCalls.ShutdownWrite(direction.Relay.Sink);
    }

    /// <summary>
    /// A leg takes no more bytes. What its peer had sent before may still lie in its receive queue (the kernel hands that out
    /// before the error), so it is read to its end, within the reset deadline.
    /// </summary>
    private void WriteBroke(FlowLeg leg, FlowDirection to, Errno error, long now)
    {
        leg.Broken = error;
        to.Relay.DropWaiting(_home.Memory);
        to.Relay.SourceEnded = true;
        to.Relay.IsFinished = true;
        var from = Other(to);
        if (from.Relay.SourceEnded)
        {
            BeginReset(leg, error, now);
            return;
        }

        if (_deadline == 0)
        {
            _resetReason = ReasonOf(leg, error);
            _deadline = now + ResetDeadlineTicks;
            _home.Loop.Timers.Arm(_timer, now, ResetDeadlineTicks);
        }
    }

    /// <summary>A leg is gone: the other is reset once it has what was read for it.</summary>
    private void BeginReset(FlowLeg dead, Errno error, long now)
    {
        _phase = FlowPhase.Resetting;
        _resetReason = ReasonOf(dead, error);
        _deadline = _deadline == 0 ? now + ResetDeadlineTicks : _deadline;
        _in.StopPause();
        _out.StopPause();
        var back = dead == _down ? _out : _in;
        back.Relay.DropWaiting(_home.Memory);
        dead.Close(_home.Loop, reset: false);
        ContinueReset(now);
    }

    private void ContinueReset(long now)
    {
        var last = _down.Fd < 0 ? _in : _out;
        var survivor = SinkOf(last);
        var result = last.Flush();
        var queued = result.Status == PumpStatus.Drained ? SocketCalls.Unacknowledged(survivor.Fd) : SysResult.From(1);
        if (result.Status == PumpStatus.SinkBroken || now >= _deadline || !queued.IsOk || queued.Value == 0)
        {
            End(_resetReason, reset: true);
            return;
        }

        // Acknowledgements raise no event, so the send queue is looked at again after one step of the wheel.
        var waits = result.Status == PumpStatus.Waiting;
        survivor.Watch(_home.Loop, waits ? EpollCalls.Out : 0, ended: false, noisy: false, hungUp: !waits);
        _home.Loop.Timers.Arm(_timer, now, waits ? _deadline - now : TimerWheel.Resolution);
    }

    private void ResetReady(uint events, long now)
    {
        if ((events & (EpollCalls.Err | EpollCalls.Hup)) != 0)
        {
            End(_resetReason, reset: true);
        }
        else
        {
            ContinueReset(now);
        }
    }

    private void PhaseTimerDue(long now)
    {
        switch (_phase)
        {
            case FlowPhase.Connecting:
                ConnectFailed(timedOut: true, now);
                break;
            case FlowPhase.Resetting:
                ContinueReset(now);
                break;
            case FlowPhase.Relaying when _deadline != 0:
                End(_resetReason, reset: true);
                break;
            case FlowPhase.Relaying:
                KeepAlive();
                ArmUpkeep(now);
                break;
            default:
                break;
        }
    }

    private void KeepAlive()
    {
        if (!_keptAlive)
        {
            _keptAlive = true;
            SocketCalls.SetKeepAlive(_up.Fd, StreamDial.KeepAliveIdleSeconds, StreamDial.KeepAliveIntervalSeconds, StreamDial.KeepAliveCount);
        }
    }

    /// <summary>Ends a flow that has been silent for the rule's idle time, or looks again when it could have been.</summary>
    private void ArmUpkeep(long now)
    {
        if (_deadline != 0)
        {
            return;
        }

        if (_in.Relay.IsStarved || _out.Relay.IsStarved)
        {
            // It is we who keep it silent.
            _lastActivity = now;
        }

        var idle = Rule.State.Model.IdleTicks;
        var left = idle == 0 ? long.MaxValue : _lastActivity + idle - now;
        if (left <= 0)
        {
            // Whoever would still have to get something must not take what it has for the whole.
            End(FlowEnd.Idle, reset: _in.Relay.HasWaiting || _out.Relay.HasWaiting);
            return;
        }

        left = _keptAlive ? left : Math.Min(left, s_keepAliveAfter);
        if (left == long.MaxValue)
        {
            _home.Loop.Timers.Disarm(_timer);
        }
        else
        {
            _home.Loop.Timers.Arm(_timer, now, left);
        }
    }

    private void Resume(FlowDirection direction, long now)
    {
        if (_phase == FlowPhase.Relaying && direction.Resume())
        {
            Turn(direction, now);
        }
    }

    /// <summary>A source that waits for many bytes and has fallen silent: what lies there is passed on.</summary>
    private void FetchRemainder(FlowDirection direction, long now)
    {
        if (_phase == FlowPhase.Relaying && direction.ShouldFetch(now))
        {
            Turn(direction, now);
            direction.Fetched(now);
        }
    }

    /// <summary>
    /// After any turn: what is each leg watched for now? The <paramref name="reported"/> one is <paramref name="noisy"/> when it was
    /// reported although nothing of it is wanted.
    /// </summary>
    private void Settle(long now, FlowLeg? reported = null, bool noisy = false, bool hungUp = false)
    {
        if (_phase != FlowPhase.Relaying)
        {
            return;
        }

        var error = Watch(_up, _out, _in);
        error = error == Errno.None ? Watch(_down, _in, _out) : error;
        if (error != Errno.None)
        {
            // ENOMEM or ENOSPC (fs.epoll.max_user_watches): a leg nobody watches would hang for ever.
            End(FlowEnd.OutOfDescriptors, reset: true);
        }

        Errno Watch(FlowLeg leg, FlowDirection from, FlowDirection to) => leg.Watch(
            _home.Loop, Wanted(from, to), from.Relay.SourceEnded, noisy && leg == reported, hungUp && leg == reported);
    }

    private static uint Wanted(FlowDirection from, FlowDirection to) =>
        (from.Relay.WantsRead ? EpollCalls.Read : 0) | (to.Relay.HasWaiting ? EpollCalls.Out : 0);

    private void End(FlowEnd reason, bool reset)
    {
        var waitedForName = _phase == FlowPhase.Resolving;
        var wasRelaying = _target is not null;
        _phase = FlowPhase.Closed;
        _home.Loop.Timers.Disarm(_timer);
        _in.Release();
        _out.Release();
        Close(_down, reset);
        Close(_up, reset);
        if (wasRelaying)
        {
            _dial.Release();
        }
        else
        {
            _dial.Abandon();
        }

        CountEnd(reason);
        _home.Loop.CountFlows(-1);
        _deadline = 0;
        if (!waitedForName)
        {
            // One that a name's answer may still reach must not be somebody else by then.
            _home.ReturnFlow(this);
        }
    }

    private void CountEnd(FlowEnd reason)
    {
        Counters.Ended(reason);
        Rule.Remove(this);
        _admission?.Close();
        if (_target is not null && _targetCounters is not null && _port is not null)
        {
            _target.AddFlows(-1);
            _targetCounters.FlowsActive--;
            _port.FlowsActive--;
            Counters.FlowsActive--;
        }

        _target = null;
        _targetCounters = null;
        _port = null;
        _admission = null;
        _rule = null;
    }

    private void Close(FlowLeg leg, bool reset)
    {
        if (leg.Fd >= 0)
        {
            leg.Close(_home.Loop, reset);
        }
    }

    private FlowEnd ReasonOf(FlowLeg leg, Errno error) => !error.IsReset() ? FlowEnd.SocketFailed
        : leg == _down ? FlowEnd.DownstreamReset : FlowEnd.UpstreamReset;

    private FlowDirection Other(FlowDirection direction) => direction == _in ? _out : _in;

    private FlowLeg SourceOf(FlowDirection direction) => direction == _in ? _down : _up;

    private FlowLeg SinkOf(FlowDirection direction) => direction == _in ? _up : _down;
}

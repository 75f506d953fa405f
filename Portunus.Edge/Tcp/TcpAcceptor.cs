using Microsoft.Extensions.Logging;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Native;
using Portunus.Edge.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Tcp;

/// <summary>
/// Accepts on one loop from a listening descriptor that all loops share (EPOLLEXCLUSIVE wakes one of them). The kernel
/// favours one waiter (200 : 0 on two, seen under paced connects), so a fresh connection goes to the least loaded loop, before
/// its first byte and never after.
/// </summary>
internal sealed class TcpAcceptor : Pollable, ILetterbox, ITimed
{
    // A burst is taken in pieces, so that a flood of connects leaves the loop time for its flows.
    private const int AcceptsPerEvent = 16;

    private const long ShortestBackOff = 50 * TimeSpan.TicksPerMillisecond;
    private const long LongestBackOff = TimeSpan.TicksPerSecond;

    private readonly TcpLoop _home;
    private readonly LoopRule _rule;
    private readonly TcpListener _listener;
    private readonly LoopTimer _backOff;
    private long _backOffTicks;

    public TcpAcceptor(TcpLoop home, LoopRule rule, TcpListener listener)
    {
        _home = home;
        _rule = rule;
        _listener = listener;
        _backOff = new LoopTimer(this);
    }

    /// <summary>Starts accepting. On the loop's thread.</summary>
    public Errno Open() => _home.Loop.Register(_listener.Fd, this, EpollCalls.In | EpollCalls.Exclusive).Error;

    /// <summary>Stops accepting; the descriptor stays open. On the loop's thread.</summary>
    public void Close()
    {
        _home.Loop.Timers.Disarm(_backOff);
        _home.Loop.Unregister(_listener.Fd, this);
    }

    public override void Ready(uint events, long now)
    {
        for (var i = 0; i < AcceptsPerEvent; i++)
        {
            var accepted = SocketCalls.Accept(_listener.Fd, out var peer);
            if (accepted.IsOk)
            {
                _backOffTicks = 0;
                Admit(accepted.Value, peer.Unmapped(), now);
            }
            else if (!Survives(accepted.Error, now))
            {
                return;
            }
        }
    }

    /// <summary>
    /// A connection that another loop accepted and admitted. It may come after this rule stopped listening: mail keeps its order,
    /// so it still comes before any order to cut.
    /// </summary>
    public void Receive(in Letter letter, long now) => Start((int)letter.Number, letter.Address, now);

    public void TimerDue(LoopTimer timer, long now)
    {
        if (Open() is var error && error != Errno.None)
        {
            // ENOMEM, ENOSPC (epoll_ctl(2)): left alone it would never accept again.
            PauseAccepting(error, now);
        }
    }

    public override void Fault(Exception error) => _listener.Log.AcceptorFailed(_listener.Port, error);

    private void Admit(int fd, in SockAddr peer, long now)
    {
        _rule.Counters.Accepted++;
        var state = _rule.State;
        if (!state.Model.Access.Allows(peer))
        {
            Refuse(fd, FlowEnd.Denied);
            return;
        }

        var refusal = state.Limits.Flows.TryOpen(now);
        if (refusal != FlowRefusal.None)
        {
            Refuse(fd, ReasonOf(refusal));
            return;
        }

        var least = LeastLoaded();
        least._home.Loop.CountFlows(1);
        if (least == this)
        {
            Start(fd, peer, now);
        }
        else if (!least._home.Loop.Mailbox.Post(new Letter(least, fd, peer)))
        {
            state.Limits.Flows.Close();
            Refuse(fd, FlowEnd.Shutdown);
        }
    }

    private void Start(int fd, in SockAddr peer, long now) => _home.RentFlow().Open(
        _rule, _rule.State.Limits.Flows, fd, peer, _listener.Port, _listener.PortOffset, now);

    private void Refuse(int fd, FlowEnd reason)
    {
        _rule.Counters.Ended(reason);
        SocketCalls.Reset(fd);
    }

    /// <summary>
    /// This loop, unless another has fewer flows by more than a quarter: eight long streams come out even, and a churn of short
    /// connections is not passed to and fro.
    /// </summary>
    private TcpAcceptor LeastLoaded()
    {
        var best = this;
        var fewest = _home.Loop.FlowCount;
        foreach (var acceptor in _listener.Acceptors)
        {
            var count = acceptor._home.Loop.FlowCount;
            if (count + (count >> 2) < fewest)
            {
                best = acceptor;
                fewest = count;
            }
        }

        return best;
    }

    /// <summary>The three tiers of accept errors: one peer's fault, pressure, a dead listener. False ends this event.</summary>
    private bool Survives(Errno error, long now)
    {
        if (error == Errno.EAGAIN)
        {
            return false;
        }

        _listener.CountAcceptError();
        if (error.IsPeerFault())
        {
            return true;
        }

        // The listening descriptor stays readable, so leaving it in epoll would spin: it comes back on a timer. Taken out and
        // added anew, because an exclusive registration cannot be modified (epoll_ctl(2)).
        _home.Loop.Unregister(_listener.Fd, this);
        if (!error.IsPressure())
        {
            _listener.Died(error);
            return false;
        }

        if (_backOffTicks > 0)
        {
            // Still out of descriptors after a pause: whoever waits longest is told so, rather than left hanging.
            _listener.RefuseOne(_rule.Counters);
        }

        PauseAccepting(error, now);
        return false;
    }

    private void PauseAccepting(Errno error, long now)
    {
        _backOffTicks = Math.Clamp(_backOffTicks * 2, ShortestBackOff, LongestBackOff);
        _listener.Log.AcceptPaused(_listener.Port, error, _backOffTicks / TimeSpan.TicksPerMillisecond);
        _home.Loop.Timers.Arm(_backOff, now, _backOffTicks);
    }

    private static FlowEnd ReasonOf(FlowRefusal refusal) => refusal switch
    {
        FlowRefusal.OwnerFlowRate => FlowEnd.OwnerFlowRate,
        FlowRefusal.OwnerConcurrent => FlowEnd.OwnerConcurrent,
        FlowRefusal.RuleFlowRate => FlowEnd.RuleFlowRate,
        _ => FlowEnd.RuleConcurrent,
    };
}

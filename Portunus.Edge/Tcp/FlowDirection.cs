using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Memory;
using Portunus.Edge.Metering;
using Portunus.Edge.Native;
using Portunus.Edge.Relay;
using Portunus.Edge.Rules;

namespace Portunus.Edge.Tcp;

/// <summary>
/// One way of a flow under its rule: asks the limits, chooses between copy and splice, counts, and pauses when tokens run out.
/// What an end or an error means for the flow is the flow's own matter.
/// </summary>
internal sealed class FlowDirection
{
    // A splice that moves less than this costs more than a copy; after eight in a row the direction copies again.
    private const int SpliceFloor = 32 * 1024;
    private const int ShortSplicesAllowed = 8;

    // A source that is reported as readable and gives nothing to splice has an urgent byte in front (tcp(7)): only a read steps over it.
    private const int EmptySplicesAllowed = 2;

    private readonly TcpLoop _home;
    private readonly bool _isIn;
    private readonly LoopTimer _pause;
    private readonly WakeLevel _wakeLevel = new();
    private LoopRule? _rule;
    private FlowCounters? _port;
    private FlowCounters? _target;
    private ByteLimits? _waitsFor;

    public FlowDirection(TcpLoop home, ITimed flow, bool isIn)
    {
        _home = home;
        _isIn = isIn;
        _pause = new LoopTimer(flow);
    }

    public RelayDirection Relay { get; } = new();

    public bool Owns(LoopTimer timer) => timer == _pause;

    public void Open(LoopRule rule, FlowCounters port, FlowCounters target, int source, int sink)
    {
        _rule = rule;
        _port = port;
        _target = target;
        Relay.Open(source, sink);
    }

    /// <summary>Throws away what waits, leaves every queue and timer, and is as new.</summary>
    public void Release()
    {
        StopPause();
        Relay.Release(_home.Memory);
        _wakeLevel.Forget();
        _rule = null;
        _port = null;
        _target = null;
    }

    /// <summary>Delivers what waits.</summary>
    public PumpResult Flush()
    {
        var result = Relay.Pipe is { } pipe ? SplicePump.Flush(Relay, pipe, _home.Memory.Pipes)
            : Relay.Rest is { } rest ? CopyPump.Flush(Relay, rest, _home.Memory.Buffers)
            : new PumpResult(PumpStatus.Drained);
        Count(result.Delivered);
        return result;
    }

    /// <summary>One read and one write within the limits; nothing may be waiting.</summary>
    public PumpResult Move(bool endFollows, long now)
    {
        var limits = _isIn ? _rule?.State.Limits.In : _rule?.State.Limits.Out;
        var result = limits is null ? MoveFreely(endFollows, now) : MoveWithin(limits, now);
        Count(result.Delivered);
        return result;
    }

    /// <summary>Ends a pause for tokens, because its time has come or because the limits changed; false when there was none.</summary>
    public bool Resume()
    {
        var wasStarved = Relay.IsStarved;
        if (wasStarved)
        {
            StopPause();
        }

        return wasStarved;
    }

    public void StopPause()
    {
        Relay.IsStarved = false;
        _home.Loop.Timers.Disarm(_pause);
        _waitsFor?.Resume();
        _waitsFor = null;
    }

    /// <summary>The other way carries bytes.</summary>
    public void Answered()
    {
        if (_wakeLevel.Answered())
        {
            SocketCalls.SetReceiveLowWater(Relay.Source, _wakeLevel.Level);
        }
    }

    /// <summary>Lets the source wake the loop for each byte again.</summary>
    public void LowerWakeLevel()
    {
        if (_wakeLevel.Lower())
        {
            SocketCalls.SetReceiveLowWater(Relay.Source, _wakeLevel.Level);
        }
    }

    /// <summary>
    /// The pause timer of a raised source has come, and comes again while it is raised. True when the source has been silent, so
    /// that what lies there is to be read now; <see cref="Fetched"/> is called after that.
    /// </summary>
    public bool ShouldFetch(long now)
    {
        if (Relay.SourceEnded || !_wakeLevel.IsRaised)
        {
            return false;
        }

        if (_wakeLevel.IsResting(now))
        {
            // Source or sink may be silent for hours: no timer until bytes flow again. What lies there wakes the loop by itself now.
            LowerWakeLevel();
            return false;
        }

        _home.Loop.Timers.Arm(_pause, now, TimerWheel.Resolution);
        return !Relay.HasWaiting && _wakeLevel.IsOverdue(now);
    }

    /// <summary>After the read that <see cref="ShouldFetch"/> asked for.</summary>
    public void Fetched(long now) => _wakeLevel.Fetched(now);

    private PumpResult MoveFreely(bool endFollows, long now)
    {
        var result = Pump(PipePool.LargeSize, Relay.Splicing, endFollows, now);
        if (!Relay.Splicing)
        {
            LowerWakeLevel();
        }
        else if (result.Read > 0 && _wakeLevel.Moved(result.Read, now)
            && SocketCalls.SetReceiveLowWater(Relay.Source, _wakeLevel.Level).IsOk)
        {
            _home.Loop.Timers.Arm(_pause, now, TimerWheel.Resolution);
        }

        return result;
    }

    private PumpResult MoveWithin(ByteLimits limits, long now)
    {
        var granted = (int)limits.Take(PipePool.LargeSize, now);
        if (granted == 0)
        {
            Pause(limits, now);
            return new PumpResult(PumpStatus.Starved);
        }

        // A capped flow splices always: what it may read is bounded by tokens, not by a buffer.
        var result = Pump(granted, splice: true, endFollows: false, now);
        if (result.Read < granted)
        {
            limits.Return(granted - result.Read);
        }
        else if (granted < PipePool.LargeSize && result.Status is PumpStatus.Drained)
        {
            // The bucket is empty and the source likely is not: sleep now rather than be granted crumbs.
            Pause(limits, now);
        }

        return result;
    }

    private PumpResult Pump(int budget, bool splice, bool endFollows, long now)
    {
        if (splice && !Relay.CopyOnly && Relay.EmptySplices < EmptySplicesAllowed)
        {
            var spliced = SplicePump.Move(Relay, _home.Memory.Pipes, budget, now);
            // Urgent data (tcp(7)) stops splice in front of it: EAGAIN though the socket is readable, and 0, as at the end, once the
            // peer's FIN is there too. A copy steps over it and knows the end from it.
            var isStuck = spliced.Status == PumpStatus.Ended
                || (spliced is { Status: PumpStatus.Drained, Read: 0 } && Relay.ShortSplices >= ShortSplicesAllowed);
            if (spliced.Status == PumpStatus.Ended)
            {
                Relay.SourceEnded = false;
            }

            if (spliced.Status != PumpStatus.CannotSplice && !isStuck)
            {
                Relay.EmptySplices = spliced.Read == 0 ? Relay.EmptySplices + 1 : 0;
                Relay.ShortSplices = spliced.Read < SpliceFloor ? Relay.ShortSplices + 1 : 0;
                Relay.Splicing = Relay.Splicing && Relay.ShortSplices < ShortSplicesAllowed;
                return spliced;
            }
        }

        Relay.EmptySplices = 0;
        var copied = CopyPump.Move(Relay, _home.Memory.Buffers, budget, endFollows);
        if (copied.Read == BufferPool.BlockSize)
        {
            Relay.Splicing = true;
            Relay.ShortSplices = 0;
        }

        return copied;
    }

    private void Pause(ByteLimits limits, long now)
    {
        Relay.IsStarved = true;
        if (_rule is { } rule)
        {
            _ = _isIn ? rule.Counters.ThrottlesIn++ : rule.Counters.ThrottlesOut++;
        }

        _waitsFor = limits;
        _home.Loop.Timers.Arm(_pause, now, limits.Pause(now));
    }

    private void Count(int delivered)
    {
        if (delivered == 0 || _port is null || _target is null || _rule is not { } rule)
        {
            return;
        }

        if (_isIn)
        {
            _port.BytesIn += delivered;
            _target.BytesIn += delivered;
            rule.Counters.BytesIn += delivered;
        }
        else
        {
            _port.BytesOut += delivered;
            _target.BytesOut += delivered;
            rule.Counters.BytesOut += delivered;
        }
    }
}

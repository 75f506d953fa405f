using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Native;

namespace Portunus.Edge.Loop;

/// <summary>
/// One thread, one epoll: wait, dispatch, timers, mail. Everything registered here is touched by this thread only; other
/// threads post to <see cref="Mailbox"/>.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    // Enough for a busy loop to amortise the call, few enough that timers stay punctual.
    private const int EventsPerWait = 256;

    // Tag of what only wakes; no slot has it.
    private const ulong NoPollable = 0;

    private readonly ILogger<EventLoop> _log;
    private readonly EpollEvents _events = new(EventsPerWait);
    private readonly SlotTable _slots = new();
    private readonly Thread _thread;
    private readonly Action<ITimed, Exception> _onTimerFault;
    private readonly int _epoll;
    private readonly int _wake;
    private readonly LoopAlarm _alarm;
    private readonly List<ITurnEnd> _turnEnds = [];
    private bool _stopping;
    private long _busyTicks;
    private long _awakeSince;

    /// <summary>Throws <see cref="InvalidOperationException"/> where the kernel gives no epoll or eventfd.</summary>
    public EventLoop(int index, ILogger<EventLoop> log)
    {
        Index = index;
        _log = log;
        _onTimerFault = (owner, error) => Faulted(owner.Fault, error);
        _epoll = Require(EpollCalls.Create(), "epoll_create1");
        _wake = Require(PipeCalls.OpenEvent(), "eventfd");
        Require(EpollCalls.Register(_epoll, _wake, EpollCalls.In | EpollCalls.EdgeTriggered, NoPollable), "epoll_ctl");
        _alarm = new LoopAlarm(_epoll, NoPollable);
        Mailbox = new Mailbox(_wake);
        Timers = new TimerWheel(LoopClock.Now);
        _thread = new Thread(Run) { IsBackground = true, Name = $"loop {index}" };
    }

    public int Index { get; }

    public Mailbox Mailbox { get; }

    public TimerWheel Timers { get; }

    /// <summary>Flows living here or on their way here; acceptors on other loops read it to find the least loaded one.</summary>
    public int FlowCount => Volatile.Read(ref _flowCount);

    private int _flowCount;

    /// <summary>Counts a flow in or out; any thread, since a flow handed over counts for its new loop at once.</summary>
    public void CountFlows(int delta) => Interlocked.Add(ref _flowCount, delta);

    /// <summary>Time spent awake since the start, in clock ticks, without the turn that runs now; any thread.</summary>
    public long BusyTicks => Volatile.Read(ref _busyTicks);

    public void Start() => _thread.Start();

    /// <summary>Runs an action on this loop and completes when it has run. Cold path.</summary>
    public Task RunAsync(Action action)
    {
        var errand = new Errand(action);
        if (!Mailbox.Post(new Letter(errand, 0, default)))
        {
            return Task.FromException(new ObjectDisposedException(nameof(EventLoop)));
        }

        return errand.Done;
    }

    /// <summary>Adds a descriptor; afterwards <see cref="Pollable.Tag"/> is set.</summary>
    public SysResult Register(int fd, Pollable pollable, uint events)
    {
        Debug.Assert(pollable.Tag == 0, "registered twice");
        var tag = _slots.Add(pollable);
        var result = EpollCalls.Register(_epoll, fd, events, tag);
        if (result.IsOk)
        {
            pollable.Tag = tag;
        }
        else
        {
            _slots.Remove(tag);
        }

        return result;
    }

    public SysResult Change(int fd, Pollable pollable, uint events) => EpollCalls.Change(_epoll, fd, events, pollable.Tag);

    /// <summary>Takes a descriptor that stays open out of epoll and forgets the pollable.</summary>
    public void Unregister(int fd, Pollable pollable)
    {
        if (pollable.Tag != 0)
        {
            EpollCalls.Unregister(_epoll, fd);
            Forget(pollable);
        }
    }

    /// <summary>Forgets a pollable whose descriptor is about to be closed: closing takes it out of epoll by itself.</summary>
    public void Forget(Pollable pollable)
    {
        _slots.Remove(pollable.Tag);
        pollable.Tag = 0;
    }

    /// <summary>Calls once, when events, timers and mail of this turn have been dealt with. On the loop's thread.</summary>
    public void CallAtTurnEnd(ITurnEnd who) => _turnEnds.Add(who);

    /// <summary>Ends the thread after the mail posted so far and waits for it.</summary>
    public void Dispose()
    {
        if (_thread.IsAlive)
        {
            Mailbox.Post(new Letter(new Errand(() => _stopping = true), 0, default));
            _thread.Join();
        }

        _alarm.Dispose();
        PipeCalls.Close(_wake);
        PipeCalls.Close(_epoll);
        _events.Dispose();
    }

    private void Run()
    {
        try
        {
            _awakeSince = LoopClock.Now;
            while (!_stopping)
            {
                Turn();
            }

            DeliverMail(Mailbox.Close(), LoopClock.Now);
            EndTurn(LoopClock.Now);
        }
        catch (Exception error)
        {
            // Whatever this loop holds can no longer be trusted, and nobody would serve its flows.
            _log.LoopBroke(Index, error);
            Environment.FailFast($"event loop {Index} broke", error);
        }
    }

    private void Turn()
    {
        var now = LoopClock.Now;
        Volatile.Write(ref _busyTicks, _busyTicks + now - _awakeSince);
        var timeout = Mailbox.PrepareSleep() ? SleepTimeoutMs(now) : 0;
        var ready = EpollCalls.Wait(_epoll, _events, timeout);
        Mailbox.Awake();
        if (!ready.IsOk)
        {
            throw new InvalidOperationException($"epoll_wait answered {ready.Error}");
        }

        now = LoopClock.Now;
        _awakeSince = now;
        for (var i = 0; i < ready.Value; i++)
        {
            if (_slots.Find(_events.TagAt(i)) is { } pollable)
            {
                try
                {
                    pollable.Ready(_events.EventsAt(i), now);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    Faulted(pollable.Fault, error);
                }
            }
        }

        Timers.Advance(now, _onTimerFault);
        DeliverMail(Mailbox.Take(), now);
        EndTurn(now);
    }

    private void EndTurn(long now)
    {
        // Whoever asks meanwhile is called as well: what was gathered must not wait for the next event.
        for (var i = 0; i < _turnEnds.Count; i++)
        {
            try
            {
                _turnEnds[i].TurnEnds(now);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Faulted(_turnEnds[i].Fault, error);
            }
        }

        _turnEnds.Clear();
    }

    /// <summary>For ever, since the alarm wakes the loop for its timers; 0 where something is due already.</summary>
    private int SleepTimeoutMs(long now)
    {
        var due = Timers.NextDue();
        if (due <= now)
        {
            return 0;
        }

        return _alarm.WakeBy(due, now) ? -1 : throw new InvalidOperationException("timerfd_settime was refused");
    }

    private void DeliverMail(List<Letter> letters, long now)
    {
        for (var i = 0; i < letters.Count; i++)
        {
            var letter = letters[i];
            try
            {
                letter.To.Receive(letter, now);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Faulted(letter.To.Fault, error);
            }
        }
    }

    /// <summary>An error inside one event ends what it belongs to; only an error in that ending is the loop's own.</summary>
    private void Faulted(Action<Exception> end, Exception error)
    {
        _log.EventFailed(Index, error);
        end(error);
    }

    private static int Require(SysResult result, string call) =>
        result.IsOk ? result.Value : throw new InvalidOperationException($"{call} answered {result.Error}");

    /// <summary>An action to run on the loop.</summary>
    private sealed class Errand(Action action) : ILetterbox
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public void Receive(in Letter letter, long now)
        {
            action();
            _done.TrySetResult();
        }

        public void Fault(Exception error) => _done.TrySetException(error);
    }
}

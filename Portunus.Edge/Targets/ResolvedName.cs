using System.Net;
using Microsoft.Extensions.Logging;

namespace Portunus.Edge.Targets;

/// <summary>
/// One name, its last good answer and whoever waits for the next. While somebody holds it, it is looked up again before its
/// time runs out; otherwise only on demand. At most one lookup is under way. Locked for a few fields, never over I/O or calls out.
/// </summary>
internal sealed class ResolvedName : IDisposable
{
    // A failure is remembered this long at most when somebody asks; on its own the name is tried at growing distances.
    private static readonly TimeSpan s_longestFailure = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(60);

    private readonly NameRefresher _owner;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly ITimer _due;
    private List<(INameWaiter Waiter, NameEntry Entry)> _waiters = [];
    private NameAnswer? _answer;
    private Condition _said;
    private int _references;
    private bool _isAsking;
    private int _failures;
    private TimeSpan _failedUntil;

    public ResolvedName(string host, NameRefresher owner, TimeProvider time, ILogger log)
    {
        Host = host;
        _owner = owner;
        _log = log;
        _due = time.CreateTimer(static name => ((ResolvedName?)name)?.RefreshDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum Condition
    {
        Unknown,
        Good,
        Stale,
        Failed,
    }

    public string Host { get; }

    /// <summary>The addresses known now, or null.</summary>
    public IPAddress[]? Addresses(bool preferIpv6)
    {
        var answer = Volatile.Read(ref _answer);
        return answer is null || answer.UsableUntil <= _owner.Now ? null : preferIpv6 ? answer.V6First : answer.V4First;
    }

    public void Wait(INameWaiter waiter, NameEntry entry)
    {
        bool isKnown;
        var begins = false;
        lock (_gate)
        {
            // Whoever found no addresses a moment ago may come just behind the answer; and a fresh failure is an answer too.
            isKnown = Addresses(preferIpv6: false) is not null || (!_isAsking && _owner.Now < _failedUntil);
            if (!isKnown)
            {
                _waiters.Add((waiter, entry));
                begins = !_isAsking;
                _isAsking = true;
            }
        }

        if (isKnown)
        {
            waiter.NameReady(entry);
        }
        else if (begins)
        {
            _owner.Begin(this);
        }
    }

    /// <summary>Somebody holds the name: the first makes it be looked up.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            if (_references++ > 0 || _isAsking)
            {
                return;
            }

            _isAsking = true;
        }

        _owner.Begin(this);
    }

    /// <summary>True when nobody holds it any more.</summary>
    public bool Drop()
    {
        lock (_gate)
        {
            if (--_references != 0)
            {
                return false;
            }

            _due.Dispose();
            return true;
        }
    }

    /// <summary>No more lookups of its own accord, whoever holds it. Those who wait or come to wait are still answered.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _references = 0;
            _due.Dispose();
        }
    }

    /// <summary>A part of the answer, while the lookup goes on: enough for those who wait.</summary>
    public void Preview(FoundName found)
    {
        List<(INameWaiter Waiter, NameEntry Entry)> waiters;
        lock (_gate)
        {
            if (Addresses(preferIpv6: false) is null)
            {
                Volatile.Write(ref _answer, NameAnswer.After(null, found, _owner.Now));
            }

            waiters = TakeWaiters();
        }

        Tell(waiters);
    }

    /// <summary>The lookup under way has ended.</summary>
    public void Complete(FoundName found)
    {
        List<(INameWaiter Waiter, NameEntry Entry)> waiters;
        lock (_gate)
        {
            var now = _owner.Now;
            _isAsking = false;
            _failures = found is { HasAddresses: true, IsIncomplete: false } ? 0 : _failures + 1;
            var answer = NameAnswer.After(_answer, found, now);
            _failedUntil = found.HasAddresses ? TimeSpan.Zero : now + Shorter(RetryDelay, s_longestFailure);
            Say(found, answer, now);
            if (_references > 0)
            {
                _due.Change(NextIn(found, answer, now), Timeout.InfiniteTimeSpan);
            }

            Volatile.Write(ref _answer, answer);
            waiters = TakeWaiters();
        }

        Tell(waiters);
    }

    private TimeSpan RetryDelay => Shorter(TimeSpan.FromSeconds(1L << Math.Clamp(_failures - 1, 0, 10)), s_longestRetry);

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static void Tell(List<(INameWaiter Waiter, NameEntry Entry)> waiters)
    {
        foreach (var (waiter, entry) in waiters)
        {
            waiter.NameReady(entry);
        }
    }

    private void RefreshDue()
    {
        lock (_gate)
        {
            if (_references == 0 || _isAsking)
            {
                return;
            }

            _isAsking = true;
        }

        _owner.Begin(this);
    }

    private TimeSpan NextIn(FoundName found, NameAnswer? answer, TimeSpan now)
    {
        if (answer is null)
        {
            return RetryDelay;
        }

        if (!found.HasAddresses)
        {
            // The old addresses run out: what brings the servers back is to be seen soon.
            return Shorter(RetryDelay, s_longestFailure);
        }

        var refresh = answer.RefreshAt > now ? answer.RefreshAt - now : RetryDelay;
        return found.IsIncomplete ? Shorter(RetryDelay, refresh) : refresh;
    }

    /// <summary>One line for each change for the worse or the better, however often it is asked.</summary>
    private void Say(FoundName found, NameAnswer? answer, TimeSpan now)
    {
        var before = _said;
        _said = found.HasAddresses ? Condition.Good : answer is null ? Condition.Failed : Condition.Stale;
        if (_said == Condition.Good && answer is not null)
        {
            _log.NameResolved(Host, answer.V4First.Length, (answer.FreshUntil - now).TotalSeconds);
        }

        if (_said == before)
        {
            return;
        }

        switch (_said)
        {
            case Condition.Good when before != Condition.Unknown:
                _log.NameRecovered(Host);
                break;
            case Condition.Stale when answer is not null:
                _log.NameStale(Host, found.Reason, (answer.UsableUntil - now).TotalSeconds);
                break;
            case Condition.Failed:
                _log.NameFailed(Host, found.Reason);
                break;
            default:
                break;
        }
    }

    private List<(INameWaiter Waiter, NameEntry Entry)> TakeWaiters()
    {
        var waiters = _waiters;
        _waiters = [];
        return waiters;
    }
}

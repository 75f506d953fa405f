using Portunus.Shared.Samples;

namespace Portunus.Edge.Targets;

/// <summary>
/// Whether a target is thought to work, from what flows report (passive) and from probes where it is probed. Three connect
/// failures within any 30 s take it down, two successes bring it up. A down target is given one trial flow after a growing
/// delay, so that traffic fails back without a probe; with one, the probe alone brings it up and no flow has to try. Asked by
/// all loops; the lock is held for a few fields, never over I/O.
/// </summary>
internal sealed class TargetHealth
{
    /// <summary>Connect failures within <see cref="FailureWindow"/> that take a target down.</summary>
    public const int Fall = 3;

    /// <summary>Successes in a row that bring it up again.</summary>
    public const int Rise = 2;

    /// <summary>Clock ticks: 30 s.</summary>
    public static readonly long FailureWindow = 30 * TimeSpan.TicksPerSecond;

    private static readonly long s_firstTrialDelay = 5 * TimeSpan.TicksPerSecond;
    private static readonly long s_longestTrialDelay = 60 * TimeSpan.TicksPerSecond;

    // A claimed trial that nobody reported on lapses: the claimant may have met its end elsewhere.
    private static readonly long s_trialLapse = 60 * TimeSpan.TicksPerSecond;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private volatile bool _isDown;
    private bool _hasAnswered;

    // The failures not forgotten yet, at most two of them, and when the last two were.
    private int _failures;
    private long _lastFailureTick;
    private long _failureTickBefore;
    private int _successes;
    private bool _isProbed;
    private int _probeRise;
    private int _probeFall;
    private int _probeSuccesses;
    private int _probeFailures;
    private TargetNotice? _notice;
    private long _trialAt;
    private long _trialDelay;
    private bool _isOnTrial;
    private int _consecutiveFailures;
    private long _totalFailures;
    private long _lastConnectTicks = -1;
    private long _lastFailureAt;
    private long _lastSuccessAt;

    public TargetHealth(TimeProvider time) => _time = time;

    public bool IsDown => _isDown;

    public TargetStanding Standing => _isDown ? TargetStanding.Down
        : Volatile.Read(ref _hasAnswered) ? TargetStanding.Up : TargetStanding.Unknown;

    /// <summary>Who is told of changes of the standing; null: nobody.</summary>
    public TargetNotice? Notice
    {
        get => Volatile.Read(ref _notice);
        set => Volatile.Write(ref _notice, value);
    }

    /// <summary>Failed connects and probes since the last success.</summary>
    public int ConsecutiveFailures => Volatile.Read(ref _consecutiveFailures);

    /// <summary>Failed connects and probes ever.</summary>
    public long TotalFailures => Interlocked.Read(ref _totalFailures);

    /// <summary>How long the last successful connect or probe took, in clock ticks; null before the first.</summary>
    public long? LastConnectTicks => Interlocked.Read(ref _lastConnectTicks) is >= 0 and var ticks ? ticks : null;

    public DateTimeOffset? LastFailure => AsTime(Interlocked.Read(ref _lastFailureAt));

    public DateTimeOffset? LastSuccess => AsTime(Interlocked.Read(ref _lastSuccessAt));

    /// <summary>Whether a flow may be given to this target though it is down. One flow at a time gets a yes.</summary>
    public bool TryClaimTrial(long now)
    {
        if (!_isDown)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_isDown || _isProbed || now < _trialAt)
            {
                return false;
            }

            _isOnTrial = true;
            _trialAt = now + s_trialLapse;
            return true;
        }
    }

    /// <summary>A claimed trial came to nothing, neither good nor bad: the next flow may try.</summary>
    public void AbandonTrial(long now)
    {
        if (!_isDown)
        {
            return;
        }

        lock (_gate)
        {
            // Whoever gives up without having claimed one, because all were down, frees nothing.
            _trialAt = _isOnTrial ? Math.Min(_trialAt, now) : _trialAt;
            _isOnTrial = false;
        }
    }

    /// <summary>Why it went down holds no longer: where it is down, the next flow may try it.</summary>
    public void TrySoon(long now)
    {
        lock (_gate)
        {
            _trialAt = now;
        }
    }

    /// <summary>A connect succeeded; true when this brought the target up.</summary>
    public bool ReportSuccess(long now, long connectTicks)
    {
        Interlocked.Exchange(ref _lastConnectTicks, connectTicks);
        Interlocked.Exchange(ref _lastSuccessAt, _time.GetUtcNow().Ticks);
        if (!_isDown && Volatile.Read(ref _consecutiveFailures) == 0 && Volatile.Read(ref _failures) == 0 && Volatile.Read(ref _hasAnswered))
        {
            return false;
        }

        lock (_gate)
        {
            _hasAnswered = true;
            _consecutiveFailures = 0;
            _failures = 0;
            if (!_isDown || _isProbed)
            {
                return false;
            }

            _isOnTrial = false;
            _trialAt = now;
            if (++_successes < Rise)
            {
                return false;
            }

            _isDown = false;
        }

        Notice?.Up();
        return true;
    }

    /// <summary>
    /// A connect failed; true when this took the target down. One that is <paramref name="certain"/> does so alone: of a UDP target an
    /// ICMP error is all that ever tells. <paramref name="reason"/> is for people, where it is another than the usual.
    /// </summary>
    public bool ReportFailure(long now, bool certain = false, string? reason = null)
    {
        lock (_gate)
        {
            CountFailure();
            _successes = 0;
            if (_isDown)
            {
                // Of hundreds of flows that were under way when it went down, each fails here: they say nothing new.
                if (_isOnTrial)
                {
                    _isOnTrial = false;
                    _trialDelay = Math.Min(_trialDelay * 2, s_longestTrialDelay);
                    _trialAt = now + _trialDelay;
                }

                return false;
            }

            var isThird = _failures == Fall - 1 && now - _failureTickBefore <= FailureWindow;
            _failures = Math.Min(_failures + 1, Fall - 1);
            _failureTickBefore = _failures == 1 ? now : _lastFailureTick;
            _lastFailureTick = now;
            if (!isThird && !certain)
            {
                return false;
            }

            GoDown(now);
        }

        Notice?.Down(reason ?? (certain ? "it is unreachable" : "three connects failed within 30 s"));
        return true;
    }

    /// <summary>From now on a probe tells as well; what is known of the target stays.</summary>
    /// <param name="rise">Answers in a row that bring it up.</param>
    /// <param name="fall">Failures in a row that take it down.</param>
    public void BeginProbing(int rise, int fall)
    {
        lock (_gate)
        {
            _isProbed = true;
            (_probeRise, _probeFall) = (rise, fall);
            (_probeSuccesses, _probeFailures) = (0, 0);
        }
    }

    /// <summary>No probe any more: where the target is down, flows may try it again.</summary>
    public void EndProbing(long now)
    {
        lock (_gate)
        {
            _isProbed = false;
            _isOnTrial = false;
            _successes = 0;
            _trialDelay = s_firstTrialDelay;
            _trialAt = now + _trialDelay;
        }
    }

    /// <summary>A probe was answered after that many clock ticks; true when this brought the target up.</summary>
    public bool ReportProbeAnswered(long ticks)
    {
        lock (_gate)
        {
            if (!_isProbed)
            {
                return false;
            }

            _lastConnectTicks = ticks;
            _lastSuccessAt = _time.GetUtcNow().Ticks;
            _hasAnswered = true;
            _consecutiveFailures = 0;
            _probeFailures = 0;
            if (!_isDown || ++_probeSuccesses < _probeRise)
            {
                return false;
            }

            _isDown = false;
        }

        Notice?.Up();
        return true;
    }

    /// <summary>A probe failed; true when this took the target down.</summary>
    public bool ReportProbeFailed(long now, string reason)
    {
        lock (_gate)
        {
            if (!_isProbed)
            {
                return false;
            }

            CountFailure();
            _probeSuccesses = 0;
            if (_isDown || ++_probeFailures < _probeFall)
            {
                return false;
            }

            GoDown(now);
        }

        Notice?.Down(reason);
        return true;
    }

    private void CountFailure()
    {
        _consecutiveFailures++;
        Interlocked.Increment(ref _totalFailures);
        Interlocked.Exchange(ref _lastFailureAt, _time.GetUtcNow().Ticks);
    }

    private void GoDown(long now)
    {
        _isDown = true;
        _failures = 0;
        _successes = 0;
        (_probeSuccesses, _probeFailures) = (0, 0);
        _isOnTrial = false;
        _trialDelay = s_firstTrialDelay;
        _trialAt = now + _trialDelay;
    }

    private static DateTimeOffset? AsTime(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}

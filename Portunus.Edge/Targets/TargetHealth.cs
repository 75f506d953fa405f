using Portunus.Shared.Samples;

namespace Portunus.Edge.Targets;

/// <summary>
/// Whether a target is thought to work, from what flows report (passive). Three connect failures within 30 s of the first
/// take it down, two successes bring it up. A down target is given one trial flow after a growing delay, so that traffic
/// fails back without a probe. Asked by all loops; the lock is held for a few fields, never over I/O.
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
    private bool _wasDialled;
    private int _failures;
    private int _successes;
    private long _firstFailureAt;
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
        : Volatile.Read(ref _wasDialled) ? TargetStanding.Up : TargetStanding.Unknown;

    /// <summary>Connect failures since the last success.</summary>
    public int ConsecutiveFailures => Volatile.Read(ref _consecutiveFailures);

    /// <summary>Connect failures ever.</summary>
    public long TotalFailures => Interlocked.Read(ref _totalFailures);

    /// <summary>How long the last successful connect took, in clock ticks; null before the first.</summary>
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
            if (!_isDown || now < _trialAt)
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

    /// <summary>A connect succeeded; true when this brought the target up.</summary>
    public bool ReportSuccess(long now, long connectTicks)
    {
        Interlocked.Exchange(ref _lastConnectTicks, connectTicks);
        Interlocked.Exchange(ref _lastSuccessAt, _time.GetUtcNow().Ticks);
        if (!_isDown && Volatile.Read(ref _consecutiveFailures) == 0 && Volatile.Read(ref _wasDialled))
        {
            return false;
        }

        lock (_gate)
        {
            _wasDialled = true;
            _consecutiveFailures = 0;
            _failures = 0;
            if (!_isDown)
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
            return true;
        }
    }

    /// <summary>
    /// A connect failed; true when this took the target down. One that is <paramref name="certain"/> does so alone: of a UDP target an
    /// ICMP error is all that ever tells.
    /// </summary>
    public bool ReportFailure(long now, bool certain = false)
    {
        lock (_gate)
        {
            _wasDialled = true;
            _consecutiveFailures++;
            _successes = 0;
            Interlocked.Increment(ref _totalFailures);
            Interlocked.Exchange(ref _lastFailureAt, _time.GetUtcNow().Ticks);
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

            if (_failures == 0 || now - _firstFailureAt > FailureWindow)
            {
                _failures = 0;
                _firstFailureAt = now;
            }

            if (++_failures < Fall && !certain)
            {
                return false;
            }

            _isDown = true;
            _failures = 0;
            _isOnTrial = false;
            _trialDelay = s_firstTrialDelay;
            _trialAt = now + _trialDelay;
            return true;
        }
    }

    private static DateTimeOffset? AsTime(long ticks) => ticks == 0 ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
}

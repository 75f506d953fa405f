namespace Portunus.Edge.Relay;

/// <summary>
/// How many bytes must be there before a direction's source wakes the loop (SO_RCVLOWAT). One, until a direction has proven to be
/// bulk: then so many as come in about 2 ms, because a wake that moves 1 MiB costs little more than one that moves 64 KiB.
/// What lies under the level while the source is silent is fetched by a timer of the loop. If then an answer comes the other way,
/// somebody had waited for those bytes: the level falls, and the direction has to prove itself for twice as long. Without an
/// answer it was only a sender that had to wait for a CPU, which on a busy machine happens all the time.
/// </summary>
internal sealed class WakeLevel
{
    /// <summary>
    /// The most a wake waits for. CPU s/GiB over loopback, cubic, 8 streams: no level 0.149, 256 KiB 0.109, 512 KiB 0.096, 1 MiB 0.086, at
    /// the same throughput or more.
    /// </summary>
    public const int Highest = 1024 * 1024;

    /// <summary>
    /// What comes faster than this in 2 ms (17 Gbit/s) fills each wake by itself. One stream that has the machine to itself costs the same
    /// with a level as without, and sender and receiver wait for each other.
    /// </summary>
    public const int SelfFilling = 4 * 1024 * 1024;

    /// <summary>Under this a direction is not worth the delay: 64 KiB in 2 ms are 32 MiB/s.</summary>
    public const int Lowest = 64 * 1024;

    /// <summary>Bytes without a pause that prove bulk. Doubled each time somebody had to wait.</summary>
    public const long FirstProof = 4 * 1024 * 1024;

    public const long LongestProof = 1024 * 1024 * 1024;

    /// <summary>How long a raised source may be silent until what lies there is fetched, in clock ticks: 2 ms.</summary>
    public const long Patience = 2 * TimeSpan.TicksPerMillisecond;

    /// <summary>A silence that ends a run of bulk, in clock ticks: 20 ms.</summary>
    public const long Pause = 20 * TimeSpan.TicksPerMillisecond;

    /// <summary>A silence after which no timer looks any more, in clock ticks: 100 ms.</summary>
    public const long Rest = 100 * TimeSpan.TicksPerMillisecond;

    private long _proof = FirstProof;
    private long _run;
    private long _runFrom;
    private long _lastMoveAt;
    private bool _fetched;

    /// <summary>The level in force, in bytes; 1 is the kernel's default.</summary>
    public int Level { get; private set; } = 1;

    public bool IsRaised => Level > 1;

    /// <summary>Books <paramref name="bytes"/> that the direction moved; true when the source is to be set to <see cref="Level"/> now.</summary>
    public bool Moved(int bytes, long now)
    {
        if (now - _lastMoveAt > Pause)
        {
            _run = 0;
        }

        _runFrom = _run == 0 ? now : _runFrom;
        _run += bytes;
        _lastMoveAt = now;
        _fetched = false;
        if (_run < (IsRaised ? FirstProof : _proof))
        {
            return false;
        }

        var perPatience = (long)(_run * ((double)Patience / Math.Max(now - _runFrom, 1)));
        var wanted = perPatience is < Lowest or > SelfFilling ? 1 : (int)Math.Min(perPatience, Highest);
        _run = 0;
        if (wanted == Level || (IsRaised && wanted > Level / 2 && wanted < Level * 2))
        {
            // Near enough: each change is a call, and rates waver.
            return false;
        }

        Level = wanted;
        return true;
    }

    /// <summary>Whether a raised source has been silent for so long that what lies there may be all that comes.</summary>
    public bool IsOverdue(long now) => IsRaised && now - _lastMoveAt >= Patience;

    /// <summary>Whether nothing has moved for so long that looking again and again is not worth it.</summary>
    public bool IsResting(long now) => IsRaised && now - _lastMoveAt >= Rest;

    /// <summary>After a read that the timer asked for: whether it found something.</summary>
    public void Fetched(long now) => _fetched = IsRaised && _lastMoveAt == now;

    /// <summary>The other way carries bytes; true when the source is to be set back to one byte, because they answer what was fetched.</summary>
    public bool Answered()
    {
        if (!_fetched)
        {
            return false;
        }

        _proof = Math.Min(_proof * 2, LongestProof);
        return Lower();
    }

    /// <summary>Back to one byte; true when the source is to be set to it.</summary>
    public bool Lower()
    {
        var wasRaised = IsRaised;
        Level = 1;
        _run = 0;
        _fetched = false;
        return wasRaised;
    }

    /// <summary>As new, for the next flow.</summary>
    public void Forget()
    {
        Lower();
        _lastMoveAt = 0;
        _proof = FirstProof;
    }
}

namespace Portunus.Edge.Relay;

/// <summary>
/// How many bytes must be there before a direction's source wakes the loop (SO_RCVLOWAT). One, until a direction has proven to be
/// bulk: then so many as come in about 2 ms, because a wake that moves 1 MiB costs little more than one that moves 64 KiB
/// (8 streams over loopback: 0.09 CPU s/GiB instead of 0.16). Whatever waits under the level when the source falls silent is
/// fetched by a timer of the loop, and a direction where that happened has to prove itself for longer the next time.
/// </summary>
internal sealed class WakeLevel
{
    /// <summary>The most a wake waits for: what one large pipe takes.</summary>
    public const int Highest = 1024 * 1024;

    /// <summary>Under this a direction is not worth the delay: 64 KiB in 2 ms are 32 MiB/s.</summary>
    public const int Lowest = 64 * 1024;

    /// <summary>Bytes one way, without a pause and without an answer the other way, that prove bulk. Doubled each time the proof was wrong.</summary>
    public const long FirstProof = 4 * 1024 * 1024;

    public const long LongestProof = 1024 * 1024 * 1024;

    /// <summary>How long a raised source may be silent until what lies there is fetched, in clock ticks: 2 ms.</summary>
    public const long Patience = 2 * TimeSpan.TicksPerMillisecond;

    private const long Stall = 100 * TimeSpan.TicksPerMillisecond;

    private const long Pause = 5 * TimeSpan.TicksPerMillisecond;

    private long _proof = FirstProof;
    private long _run;
    private long _runFrom;
    private long _lastMoveAt;
    private int _lastMoved;

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
        _lastMoved = bytes;
        if (_run < _proof)
        {
            return false;
        }

        var perPatience = (long)(_run * ((double)Patience / Math.Max(now - _runFrom, 1)));
        var wanted = perPatience < Lowest ? 1 : (int)Math.Min(perPatience, Highest);
        _run = 0;
        if (wanted == Level || (IsRaised && wanted > Level / 2 && wanted < Level * 2))
        {
            // Near enough: each change is a call, and rates waver.
            return false;
        }

        Level = wanted;
        return true;
    }

    /// <summary>The other way carries bytes: this is a conversation, and whoever waits for an answer must not wait for a timer.</summary>
    public void Answered() => _run = 0;

    /// <summary>Whether a raised source has been silent for so long that what lies there may be all that comes.</summary>
    public bool IsOverdue(long now) => IsRaised && now - _lastMoveAt >= Patience;

    /// <summary>Whether nothing has moved for so long that the sink, and not the source, must be the reason.</summary>
    public bool IsStalled(long now) => IsRaised && now - _lastMoveAt >= Stall;

    /// <summary>Back to one byte; true when the source is to be set to it.</summary>
    public bool Lower()
    {
        var wasRaised = IsRaised;
        Level = 1;
        _run = 0;
        return wasRaised;
    }

    /// <summary>
    /// After an overdue source was lowered from <paramref name="level"/> and read: what lay there was less than its level, so somebody
    /// waited for it and the next proof is longer. More than that only means that the sink was slow.
    /// </summary>
    public void Judge(int level, long now)
    {
        if (_lastMoveAt == now && _lastMoved < level)
        {
            _proof = Math.Min(_proof * 2, LongestProof);
        }
    }

    /// <summary>As new, for the next flow.</summary>
    public void Forget()
    {
        Lower();
        _lastMoveAt = 0;
        _proof = FirstProof;
    }
}

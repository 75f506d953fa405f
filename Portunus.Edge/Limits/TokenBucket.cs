namespace Portunus.Edge.Limits;

/// <summary>
/// A token bucket that all loops ask: one long, one compare-and-swap for each grant, no lock. The long is the moment at which
/// the bucket was (or would have been) empty, as in the generic cell rate algorithm (ITU-T I.371): tokens are the time since
/// then at the rate, at most the burst. It grants whatever is there, so a bucket smaller than a chunk never hangs anybody.
/// </summary>
internal sealed class TokenBucket
{
    // Time in 1/1024 of a clock tick, about 0.1 ns: one token of 12.5 GB/s lasts 0.08 ns, and 2^63 of them are 28 years.
    private const int FractionBits = 10;
    private const long UnitsPerSecond = TimeSpan.TicksPerSecond << FractionBits;

    private readonly long _origin;
    private readonly long _burstUnits;
    private long _emptyAt;

    /// <summary>A full bucket.</summary>
    /// <param name="ratePerSecond">Tokens per second, from 1 to 12.5e9 (100 Gbit/s in bytes).</param>
    /// <param name="burst">The most it holds, at least 1.</param>
    /// <param name="now">Clock ticks.</param>
    public TokenBucket(long ratePerSecond, long burst, long now)
        : this(ratePerSecond, burst, burst, now)
    {
    }

    private TokenBucket(long ratePerSecond, long burst, long tokens, long now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ratePerSecond, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        RatePerSecond = ratePerSecond;
        Burst = burst;
        _origin = now;
        _burstUnits = Cost(burst);
        _emptyAt = tokens < 0 ? Cost(-tokens) : -Cost(Math.Min(tokens, burst));
    }

    public long RatePerSecond { get; }

    public long Burst { get; }

    /// <summary>An empty bucket: what a limit added to a rule with live flows begins with.</summary>
    public static TokenBucket Empty(long ratePerSecond, long burst, long now) => new(ratePerSecond, burst, 0, now);

    /// <summary>Grants 0 to <paramref name="want"/> tokens, whatever is there.</summary>
    public long Take(long want, long now)
    {
        var at = Units(now);
        while (true)
        {
            var emptyAt = Volatile.Read(ref _emptyAt);
            var start = Math.Max(emptyAt, at - _burstUnits);
            var elapsed = at - start;
            var granted = Math.Min(Math.Min(want, Burst), Tokens(elapsed));
            if (granted <= 0)
            {
                return 0;
            }

            if (Interlocked.CompareExchange(ref _emptyAt, start + Math.Min(Cost(granted), elapsed), emptyAt) == emptyAt)
            {
                return granted;
            }
        }
    }

    /// <summary>
    /// Grants all of it or nothing, as a datagram needs it. What is larger than the burst passes when the bucket is full and
    /// leaves a debt behind, so that no size is refused for ever and the rate is kept all the same. Nothing is always granted.
    /// </summary>
    public bool TakeWhole(long want, long now)
    {
        if (want <= 0)
        {
            return true;
        }

        var at = Units(now);
        var cost = Cost(want);
        while (true)
        {
            var emptyAt = Volatile.Read(ref _emptyAt);
            var start = Math.Max(emptyAt, at - _burstUnits);
            var elapsed = at - start;
            if (Tokens(elapsed) < Math.Min(want, Burst))
            {
                return false;
            }

            // Within the burst only what is there is spent: the cost is rounded up and must not leave a debt of a fraction.
            var spent = want > Burst ? cost : Math.Min(cost, elapsed);
            if (Interlocked.CompareExchange(ref _emptyAt, start + spent, emptyAt) == emptyAt)
            {
                return true;
            }
        }
    }

    /// <summary>Gives back the unspent part of a grant; what exceeds the burst is forgotten at the next look.</summary>
    public void Return(long tokens)
    {
        if (tokens > 0)
        {
            Interlocked.Add(ref _emptyAt, -Scale(tokens, UnitsPerSecond, RatePerSecond, roundUp: false));
        }
    }

    /// <summary>Tokens there now.</summary>
    public long Available(long now)
    {
        var at = Units(now);
        return Math.Max(0, Tokens(at - Math.Max(Volatile.Read(ref _emptyAt), at - _burstUnits)));
    }

    /// <summary>Clock ticks until that many tokens, at most the burst, are there; 0 when they are.</summary>
    public long TicksUntil(long tokens, long now)
    {
        var at = Units(now);
        var start = Math.Max(Volatile.Read(ref _emptyAt), at - _burstUnits);
        var missing = start + Cost(Math.Min(tokens, Burst)) - at;
        return missing <= 0 ? 0 : (missing + (1 << FractionBits) - 1) >> FractionBits;
    }

    /// <summary>A bucket of another rate or burst with the tokens, or the debt, of this one: no change mints a burst.</summary>
    public TokenBucket Reconfigured(long ratePerSecond, long burst, long now)
    {
        var debt = Volatile.Read(ref _emptyAt) - Units(now);
        return new(ratePerSecond, burst, debt > 0 ? -Tokens(debt) : Available(now), now);
    }

    private long Units(long now) => (now - _origin) << FractionBits;

    private long Tokens(long units) => units <= 0 ? 0 : Scale(units, RatePerSecond, UnitsPerSecond, roundUp: false);

    // Rounded up, and what comes back down: at 12.5 GB/s a token is shorter than a unit, and rounding to the nearest gave
    // single bytes away for nothing.
    private long Cost(long tokens) => Scale(tokens, UnitsPerSecond, RatePerSecond, roundUp: true);

    /// <summary>value × by ÷ per, exactly: a minute of the highest rate does not fit in 64 bits on the way.</summary>
    private static long Scale(long value, long by, long per, bool roundUp)
    {
        var high = Math.BigMul((ulong)value, (ulong)by, out var low);
        var extra = roundUp ? (ulong)per - 1 : 0;
        return high == 0 && low <= ulong.MaxValue - extra
            ? (long)((low + extra) / (ulong)per)
            : (long)((new UInt128(high, low) + extra) / (ulong)per);
    }
}

namespace Portunus.Edge.Limits;

/// <summary>
/// Where a bucket is found: its place stays while the bucket is replaced, so that an owner's new limit reaches all of the
/// owner's rules at once. Also counts the flows that wait for its tokens, so that they can share them.
/// </summary>
internal sealed class BucketCell
{
    private TokenBucket? _bucket;
    private int _waiting;

    /// <summary>Null: no limit.</summary>
    public TokenBucket? Bucket
    {
        get => Volatile.Read(ref _bucket);
        set => Volatile.Write(ref _bucket, value);
    }

    /// <summary>Flows paused for want of tokens.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public void CountWaiting(int delta) => Interlocked.Add(ref _waiting, delta);

    /// <summary>The next state of a bucket when its limit changes.</summary>
    /// <param name="current">The bucket in force; null when there was no limit.</param>
    /// <param name="rate">The new rate; null for no limit.</param>
    /// <param name="burst">The new burst; null for one second of the rate.</param>
    /// <param name="isFirst">Nothing has run under this limit yet, so the bucket may start full.</param>
    /// <param name="now">Clock ticks.</param>
    public static TokenBucket? Next(TokenBucket? current, long? rate, long? burst, bool isFirst, long now)
    {
        if (rate is not { } perSecond)
        {
            return null;
        }

        var size = burst ?? perSecond;
        if (current is not null)
        {
            return current.RatePerSecond == perSecond && current.Burst == size ? current : current.Reconfigured(perSecond, size, now);
        }

        return isFirst ? new TokenBucket(perSecond, size, now) : TokenBucket.Empty(perSecond, size, now);
    }
}

using Portunus.Edge.Loop;

namespace Portunus.Edge.Limits;

/// <summary>One direction of one rule: the owner's bucket and the rule's bucket, asked together, the owner first.</summary>
internal sealed class ByteLimits
{
    // A capped flow moves about this much of a second at a time: waking each millisecond cost 0.47 CPU s/GiB at 100 MB/s where
    // 10 ms cost 0.29 and an uncapped flow 0.25.
    private const int WakesPerSecond = 100;
    private const int WheelStepsPerSecond = (int)(TimeSpan.TicksPerSecond / TimerWheel.Resolution);

    private readonly BucketCell? _owner;
    private readonly BucketCell _rule;

    public ByteLimits(BucketCell? owner, BucketCell rule)
    {
        _owner = owner;
        _rule = rule;
    }

    /// <summary>Whether either bucket is there now.</summary>
    public bool IsCapped => _rule.Bucket is not null || _owner?.Bucket is not null;

    /// <summary>
    /// Grants 0 to <paramref name="want"/> bytes. While other flows wait for the same tokens each takes its share of what is
    /// there, else whoever woke first would take all of it every time.
    /// </summary>
    public long Take(long want, long now)
    {
        var owner = _owner?.Bucket;
        var granted = owner is null ? want : owner.Take(Share(want, owner, _owner?.Waiting ?? 0, now), now);
        if (granted == 0 || _rule.Bucket is not { } rule)
        {
            return granted;
        }

        var allowed = rule.Take(Share(granted, rule, _rule.Waiting, now), now);
        owner?.Return(granted - allowed);
        return allowed;
    }

    /// <summary>
    /// Grants all of a datagram's bytes or none, the owner asked first; where the rule then refuses the owner's tokens go back.
    /// Nobody waits for these, so there is nothing to share.
    /// </summary>
    public bool TakeWhole(long bytes, long now)
    {
        var owner = _owner?.Bucket;
        if (owner is not null && !owner.TakeWhole(bytes, now))
        {
            return false;
        }

        if (_rule.Bucket is not { } rule || rule.TakeWhole(bytes, now))
        {
            return true;
        }

        owner?.Return(bytes);
        return false;
    }

    /// <summary>Gives back the unspent part of a grant.</summary>
    public void Return(long tokens)
    {
        _rule.Bucket?.Return(tokens);
        _owner?.Bucket?.Return(tokens);
    }

    /// <summary>
    /// A flow begins to wait; answers for how many clock ticks: until about 10 ms worth of tokens, at least one, are there, or
    /// sooner where the burst is so short that it would be full, and tokens lost, before a coarse timer came due.
    /// </summary>
    public long Pause(long now)
    {
        _rule.CountWaiting(1);
        _owner?.CountWaiting(1);
        return Math.Max(Until(_rule.Bucket, now), Until(_owner?.Bucket, now));
    }

    /// <summary>A flow that began to wait here no longer does.</summary>
    public void Resume()
    {
        _rule.CountWaiting(-1);
        _owner?.CountWaiting(-1);
    }

    private static long Share(long want, TokenBucket bucket, int waiting, long now) =>
        waiting == 0 ? want : Math.Min(want, Math.Max(1, bucket.Available(now) / (waiting + 1)));

    private static long Until(TokenBucket? bucket, long now)
    {
        if (bucket is null)
        {
            return 0;
        }

        var rate = bucket.RatePerSecond;
        var worth = Math.Min(rate / WakesPerSecond, (bucket.Burst / 2) - (rate / WheelStepsPerSecond));
        return bucket.TicksUntil(Math.Max(1, worth), now);
    }
}

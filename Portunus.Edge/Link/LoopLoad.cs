namespace Portunus.Edge.Link;

/// <summary>What part of the time each loop was awake between two looks.</summary>
internal sealed class LoopLoad(TimeProvider time)
{
    private IReadOnlyList<double>? _before;
    private long _lookedAt;

    /// <summary>Null at the first look.</summary>
    /// <param name="busySeconds">Seconds awake of each loop since its start.</param>
    public IReadOnlyList<double>? Next(IReadOnlyList<double> busySeconds)
    {
        var (before, since, now) = (_before, _lookedAt, time.GetTimestamp());
        (_before, _lookedAt) = (busySeconds, now);
        if (before is null)
        {
            return null;
        }

        var elapsed = Math.Max(time.GetElapsedTime(since, now).TotalSeconds, 0.001);
        // A turn counts when it has ended, so a long one can end up in the second after.
        return [.. busySeconds.Select((busy, i) => Math.Round(Math.Clamp((busy - before[i]) / elapsed, 0, 1), 4))];
    }
}

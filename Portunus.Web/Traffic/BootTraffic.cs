namespace Portunus.Web.Traffic;

/// <summary>How far the counters of one boot have come. Guarded by its edge's gate.</summary>
internal sealed class BootTraffic(Guid id)
{
    public Guid Id { get; } = id;

    /// <summary>The newest look of which anything came; -1 before the first.</summary>
    public long Newest { get; set; } = -1;

    /// <summary>The newest look of which everything came.</summary>
    public long Complete { get; set; } = -1;

    /// <summary>The newest look that is durable, with everything before it.</summary>
    public long Covered { get; set; } = -1;

    /// <summary>It has ended, and its last counters came whole.</summary>
    public bool IsEnded { get; set; }

    /// <summary>And they are durable.</summary>
    public bool IsFinal { get; set; }

    /// <summary>Something of it was not taken: nothing of it may be called durable until its edge has begun anew.</summary>
    public bool HasHole { get; set; }

    /// <summary>Counters came since the last mark.</summary>
    public bool HasNews { get; set; }

    /// <summary>When its mark was last moved, or it was first heard of.</summary>
    public DateTimeOffset ChangedAt { get; set; }

    public LookClock Looks { get; } = new();

    /// <summary>When, by our clock, the look before the newest was taken: what the newest tells of began then.</summary>
    public double Since { get; set; } = double.NaN;
}

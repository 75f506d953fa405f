namespace Portunus.Edge.Loop;

/// <summary>
/// One timer, part of whoever waits for it, linked into the wheel in place so that arming allocates nothing. One loop's
/// thread only.
/// </summary>
internal sealed class LoopTimer
{
    public LoopTimer(ITimed owner) => Owner = owner;

    public ITimed Owner { get; }

    /// <summary>Whether it is in the wheel.</summary>
    public bool IsArmed => Next is not null;

    /// <summary>When it is due, in wheel ticks; meaningful while armed.</summary>
    internal long DueTick { get; set; }

    internal int Bucket { get; set; }

    internal LoopTimer? Next { get; set; }

    internal LoopTimer? Previous { get; set; }
}

/// <summary>Whoever owns a timer.</summary>
internal interface ITimed
{
    /// <summary>The timer has come due and is no longer armed. On the loop's thread.</summary>
    void TimerDue(LoopTimer timer, long now);

    /// <summary>An error of ours escaped <see cref="TimerDue"/>.</summary>
    void Fault(Exception error);
}

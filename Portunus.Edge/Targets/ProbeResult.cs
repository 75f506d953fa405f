namespace Portunus.Edge.Targets;

/// <summary>What came of one probe.</summary>
internal enum ProbeVerdict
{
    Answered,
    Failed,

    /// <summary>It could not be made for a reason of our own, which says nothing about the target.</summary>
    NotMade,
}

/// <param name="Verdict">What came of it.</param>
/// <param name="Ticks">How long the answer took, in clock ticks.</param>
/// <param name="Reason">Why there was none, for people.</param>
internal readonly record struct ProbeResult(ProbeVerdict Verdict, long Ticks, string Reason);

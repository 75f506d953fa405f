namespace Portunus.Load.Results;

/// <summary>Whether the edge loses no more than a peer, and less where the peer loses. Loss is told to a hundredth of a percent.</summary>
internal static class LossCheck
{
    /// <summary>Less loss than this is none: a datagram or two that a busy machine dropped for anybody.</summary>
    public const double Unit = 0.01;

    /// <summary>Points of loss above the peer's: 0 or less is kept. The same loss as a peer that loses is not less, so it counts as one unit.</summary>
    public static double Excess(double ours, double theirs)
    {
        var points = ours - theirs;
        return theirs < Unit
            ? ours < Unit ? 0 : points
            : points < 0 ? points : Math.Max(points, Unit);
    }
}

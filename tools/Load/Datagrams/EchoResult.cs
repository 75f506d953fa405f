namespace Portunus.Load.Datagrams;

/// <summary>How long answers took.</summary>
/// <param name="Asked">Requests sent.</param>
/// <param name="Microseconds">Of each answer that came, in ascending order.</param>
internal sealed record EchoResult(int Asked, IReadOnlyList<double> Microseconds)
{
    public double LossPercent => Asked == 0 ? 0 : (Asked - Microseconds.Count) * 100.0 / Asked;

    /// <summary>The time within which that share of the answers came, 0–1; NaN when none came.</summary>
    public double Within(double share) =>
        Microseconds.Count == 0 ? double.NaN : Microseconds[Math.Clamp((int)Math.Ceiling(share * Microseconds.Count) - 1, 0, Microseconds.Count - 1)];
}

namespace Portunus.Load.Results;

/// <summary>One promise about the edge's figures.</summary>
/// <param name="Text">What is promised, as the table of verdicts shows it.</param>
/// <param name="Figure">The figure's name in the ledger.</param>
/// <param name="AtLeast">The bound is from below (throughput) and not from above (cost).</param>
/// <param name="Bound">A ratio where there is somebody to compare with, else in the figure's own unit.</param>
internal sealed record Requirement(string Text, string Figure, bool AtLeast, double Bound)
{
    /// <summary>Variants of the peer compared with; the better one counts. Empty for a bound on the figure itself.</summary>
    public IReadOnlyList<string> Against { get; init; } = [];

    /// <summary>Every round must meet the bound, not only the median.</summary>
    public bool EveryRound { get; init; }

    /// <summary>The measurement that takes the figure, as --only names it.</summary>
    public string Measurement => Figure[..Figure.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>Whether the readings keep the promise.</summary>
    public Verdict Judge(Ledger ledger, string peer)
    {
        var better = Against.Count == 0 ? null : ledger.Better(Against, Figure, AtLeast);
        var measured = (Against.Count, better) switch
        {
            (0, _) => ledger.Spread(peer, Figure),
            (_, null) => null,
            _ => ledger.Ratio(peer, better, Figure),
        };
        return new Verdict(this, better, measured, measured is { } spread ? IsMet(spread) : null);
    }

    private bool IsMet(Spread spread) => AtLeast
        ? (EveryRound ? spread.Low : spread.Median) >= Bound
        : (EveryRound ? spread.High : spread.Median) <= Bound;
}

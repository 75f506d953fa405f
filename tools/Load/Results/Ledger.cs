namespace Portunus.Load.Results;

/// <summary>All readings of a run: peer, figure, round.</summary>
internal sealed class Ledger
{
    private readonly Dictionary<(string Peer, string Figure), SortedDictionary<int, double>> _readings = [];

    public IEnumerable<(string Peer, string Figure)> Keys => _readings.Keys;

    public void Add(int round, string peer, string figure, double value)
    {
        if (!_readings.TryGetValue((peer, figure), out var rounds))
        {
            _readings[(peer, figure)] = rounds = [];
        }

        rounds[round] = value;
    }

    /// <summary>Readings in the order of rounds; empty when there are none.</summary>
    public IReadOnlyList<double> Values(string peer, string figure) =>
        _readings.TryGetValue((peer, figure), out var rounds) ? [.. rounds.Values] : [];

    public Spread? Spread(string peer, string figure) => Values(peer, figure) is { Count: > 0 } values ? Results.Spread.Of(values) : null;

    /// <summary>
    /// One peer's reading over another's, round by round, and of these the median. The two stand seconds apart in a round, so
    /// what the machine does over minutes cancels out, which a ratio of two medians would keep.
    /// </summary>
    public Spread? Ratio(string peer, string against, string figure)
    {
        if (!_readings.TryGetValue((peer, figure), out var ours) || !_readings.TryGetValue((against, figure), out var theirs))
        {
            return null;
        }

        var ratios = ours.Where(round => theirs.TryGetValue(round.Key, out var their) && their > 0)
            .Select(round => round.Value / theirs[round.Key]).ToArray();
        return ratios.Length > 0 ? Results.Spread.Of(ratios) : null;
    }

    /// <summary>Which of a product's variants did better by its median; null when none was measured.</summary>
    public string? Better(IEnumerable<string> variants, string figure, bool moreIsBetter)
    {
        var measured = variants.Where(variant => Spread(variant, figure) is not null);
        return moreIsBetter
            ? measured.MaxBy(variant => Spread(variant, figure)!.Value.Median)
            : measured.MinBy(variant => Spread(variant, figure)!.Value.Median);
    }
}

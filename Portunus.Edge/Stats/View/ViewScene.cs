namespace Portunus.Edge.Stats.View;

/// <summary>Everything that a picture is made of.</summary>
/// <param name="State">What the keys made of it.</param>
/// <param name="Snapshot">The newest, or the one that was paused at.</param>
/// <param name="History">Rates so far.</param>
/// <param name="LostFor">How long the edge has not been there; null while it is.</param>
/// <param name="Width">Cells.</param>
/// <param name="Height">Lines.</param>
internal sealed record ViewScene(ViewState State, ViewSnapshot Snapshot, ViewHistory History, TimeSpan? LostFor, int Width, int Height)
{
    /// <summary>Totals of a rule since the start or since the reset of them.</summary>
    public ViewTraffic Totals(ViewRule rule) => Earlier(rule) is { } earlier ? rule.Traffic.Since(earlier.Traffic) : rule.Traffic;

    /// <summary>The rule as it was at the reset; null where nothing was reset, the edge restarted or the rule is newer.</summary>
    public ViewRule? Earlier(ViewRule rule) => State.Since is { } since && since.StartedAt == Snapshot.StartedAt
        ? since.Rules.FirstOrDefault(one => one.Id == rule.Id)
        : null;

    /// <summary>Ended flows of a rule by reason, since the same.</summary>
    public IEnumerable<(string Reason, long Count)> Ends(ViewRule rule) => Since(rule.Ends, Earlier(rule)?.Ends);

    /// <summary>Datagrams from the connecting side that were dropped, by reason, since the same.</summary>
    public IEnumerable<(string Reason, long Count)> DropsIn(ViewRule rule) => Since(rule.DropsIn, Earlier(rule)?.DropsIn);

    /// <summary>Datagrams from the target that were dropped, by reason, since the same.</summary>
    public IEnumerable<(string Reason, long Count)> DropsOut(ViewRule rule) => Since(rule.DropsOut, Earlier(rule)?.DropsOut);

    private static IEnumerable<(string Reason, long Count)> Since(
        IReadOnlyList<(string Reason, long Count)> now, IReadOnlyList<(string Reason, long Count)>? then)
    {
        var earlier = then?.ToDictionary(count => count.Reason, count => count.Count);
        return now
            .Select(count => (count.Reason, Count: count.Count - (earlier?.GetValueOrDefault(count.Reason) ?? 0)))
            .Where(count => count.Count > 0);
    }
}

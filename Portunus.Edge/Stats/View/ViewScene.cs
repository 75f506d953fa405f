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
    public IEnumerable<(string Reason, long Count)> Ends(ViewRule rule)
    {
        var earlier = Earlier(rule)?.Ends.ToDictionary(end => end.Reason, end => end.Count);
        return rule.Ends
            .Select(end => (end.Reason, Count: end.Count - (earlier?.GetValueOrDefault(end.Reason) ?? 0)))
            .Where(end => end.Count > 0);
    }
}

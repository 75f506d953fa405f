using Portunus.Shared.Ids;
using Portunus.Shared.Samples;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>What is known of an edge's counters at one moment.</summary>
/// <param name="Edge">Which.</param>
/// <param name="SampledAt">When they came last.</param>
/// <param name="Vitals">Its process; null where it told none.</param>
/// <param name="RefusedTotals">Totals of it that were not taken since the control plane started.</param>
/// <param name="Rules">Those it has told of since then.</param>
internal sealed record EdgeCounts(EdgeId Edge, DateTimeOffset SampledAt, EdgeVitals? Vitals, long RefusedTotals, IReadOnlyList<RuleCounts> Rules);

/// <summary>What is known of a rule's counters at one moment.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Total">All that was ever counted.</param>
/// <param name="FlowsActive">Flows open now; null where the running edge has not told.</param>
/// <param name="Ends">Ended flows by reason since the edge started, words as the edge spelled them; null likewise.</param>
/// <param name="Forwarding">Whether its targets are reached.</param>
internal sealed record RuleCounts(RuleId Rule, LedgerCount Total, long? FlowsActive, IReadOnlyDictionary<string, long>? Ends, ForwardingState Forwarding);

/// <summary>
/// Reads everything at once, for monitoring. Only what edges have told of since the start: their first look has all there is, so that
/// a counter never shows less after a restart of the control plane than it did before.
/// </summary>
internal sealed class FleetReader(TrafficBook book, TimeProvider clock)
{
    public IReadOnlyList<EdgeCounts> Read()
    {
        var now = clock.GetUtcNow();
        var edges = new List<EdgeCounts>();
        foreach (var edge in book.Edges)
        {
            lock (edge.Gate)
            {
                if (edge.SampledAt is { } at)
                {
                    edges.Add(new EdgeCounts(edge.Id, at, edge.Vitals, edge.RefusedTotals, [.. edge.Rules.Values.Select(rule => Of(rule, now - at <= TrafficReader.Fresh))]));
                }
            }
        }

        return edges;
    }

    private static RuleCounts Of(RuleTraffic rule, bool isFresh)
    {
        var newest = rule.NewestBoot == rule.Edge.RunningBoot ? rule.Newest : null;
        return new RuleCounts(rule.Id, rule.Total, newest?.Traffic.FlowsActive, newest?.Ends, isFresh ? TrafficReader.StateOf(rule) : ForwardingState.Unknown);
    }
}

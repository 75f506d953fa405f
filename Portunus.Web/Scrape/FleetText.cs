using Portunus.Shared.Ids;
using Portunus.Shared.Metrics;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Web.Edges;
using Portunus.Web.Traffic;

namespace Portunus.Web.Scrape;

/// <summary>
/// The fleet as Prometheus reads it; each metric is explained in docs/monitoring.md. A rule has one line a metric, whatever its ports
/// and targets are, and no label hangs on what strangers or edges can make up.
/// </summary>
internal static class FleetText
{
    /// <summary>Rules that are shown at most, oldest first; how many are left out is told.</summary>
    public const int MostRules = 10_000;

    private const string Counter = "counter";
    private const string Gauge = "gauge";

    private static readonly HashSet<string> s_ends = [.. Enum.GetValues<FlowEnd>().Select(SampleWords.Of)];

    private static readonly ForwardingState[] s_states = Enum.GetValues<ForwardingState>();

    public static void Write(
        MetricLines lines, IReadOnlyList<NamedEdge> edges, IReadOnlyList<NamedRule> rules, IReadOnlyList<EdgeCounts> counts, Func<EdgeId, EdgeNow> presence)
    {
        var told = counts.ToDictionary(one => one.Edge);
        WriteEdges(lines, edges, presence);
        WriteVitals(lines, [.. edges.Select(edge => told.GetValueOrDefault(edge.Id)).OfType<EdgeCounts>()]);
        var ofRules = counts.SelectMany(edge => edge.Rules).ToDictionary(rule => rule.Rule);
        var shown = rules.Take(MostRules).ToList();
        lines.Family("portunus_fleet_rules", Gauge, "Rules that are stored.");
        lines.Line((long)rules.Count);
        lines.Family("portunus_fleet_rules_left_out", Gauge, "Rules beyond the first 10,000, which have no lines here.");
        lines.Line((long)(rules.Count - shown.Count));
        lines.Family("portunus_fleet_rule_info", Gauge, "Always 1; the labels say what the rule is.");
        foreach (var rule in shown)
        {
            lines.Line(1L, ("rule", rule.Id.ToString()), ("name", rule.Name), ("edge", rule.Edge.ToString()), ("owner", rule.Owner.ToString()), ("protocol", Word(rule.Protocol)));
        }

        WriteRules(lines, [.. shown.Where(rule => ofRules.ContainsKey(rule.Id)).Select(rule => (rule, ofRules[rule.Id]))]);
    }

    private static void WriteEdges(MetricLines lines, IReadOnlyList<NamedEdge> edges, Func<EdgeId, EdgeNow> presence)
    {
        var known = edges.Select(edge => (Edge: edge, Now: presence(edge.Id), Id: edge.Id.ToString())).ToList();
        lines.Family("portunus_fleet_edge_info", Gauge, "Always 1; the labels say what the edge is and which version it runs.");
        known.ForEach(one => lines.Line(1L, ("edge", one.Id), ("name", one.Edge.Name), ("version", one.Now.Link?.Origin.Version ?? "")));
        lines.Family("portunus_fleet_edge_link_up", Gauge, "1 while the edge has a link, 0 while not.");
        known.ForEach(one => lines.Line(one.Now.IsConnected ? 1L : 0L, ("edge", one.Id)));
        lines.Family("portunus_fleet_edge_revoked", Gauge, "1 for an edge that was shut out.");
        known.ForEach(one => lines.Line(one.Edge.IsRevoked ? 1L : 0L, ("edge", one.Id)));
        lines.Family("portunus_fleet_edge_plan_wanted", Gauge, "The newest revision of the edge's plan.");
        known.ForEach(one => lines.Line(one.Edge.PlanNumber, ("edge", one.Id)));
        lines.Family("portunus_fleet_edge_plan_applied", Gauge, "The revision that the edge last told is in force; absent before it has.");
        foreach (var (_, now, id) in known)
        {
            if (now.Plan is { } plan)
            {
                lines.Line(plan.Revision.Number, ("edge", id));
            }
        }
    }

    private static void WriteVitals(MetricLines lines, IReadOnlyList<EdgeCounts> edges)
    {
        void Each(string name, string kind, string help, Func<EdgeVitals, long?> value)
        {
            lines.Family(name, kind, help);
            foreach (var edge in edges)
            {
                if (edge.Vitals is { } vitals && value(vitals) is { } number)
                {
                    lines.Line(number, ("edge", edge.Edge.ToString()));
                }
            }
        }

        lines.Family("portunus_fleet_edge_sampled_timestamp_seconds", Gauge, "When counters of the edge came last, in seconds since 1970.");
        foreach (var edge in edges)
        {
            lines.Line(edge.SampledAt.ToUnixTimeMilliseconds() / 1000.0, ("edge", edge.Edge.ToString()));
        }

        lines.Family("portunus_fleet_edge_samples_refused_total", Counter, "Totals of the edge that were not taken: of rules that are not its own, or that cannot be.");
        foreach (var edge in edges)
        {
            lines.Line(edge.RefusedTotals, ("edge", edge.Edge.ToString()));
        }

        Each("portunus_fleet_edge_start_time_seconds", Gauge, "When the edge started, in seconds since 1970.", vitals => vitals.StartedAt.ToUnixTimeSeconds());
        Each("portunus_fleet_edge_flows_active", Gauge, "Flows open on the edge now.", vitals => vitals.FlowsActive);
        Each("portunus_fleet_edge_open_descriptors", Gauge, "Descriptors that the edge has open.", vitals => vitals.OpenDescriptors);
        Each("portunus_fleet_edge_descriptor_limit", Gauge, "The most descriptors that the edge may open; absent without a limit.", vitals => vitals.DescriptorLimit == long.MaxValue ? null : vitals.DescriptorLimit);
        Each("portunus_fleet_edge_resident_memory_bytes", Gauge, "Resident memory of the edge.", vitals => vitals.ResidentBytes);
        Each("portunus_fleet_edge_accept_errors_total", Counter, "Connections that the edge's kernel could not hand over.", vitals => vitals.AcceptErrors);
        lines.Family("portunus_fleet_edge_loop_load", Gauge, "What part of the time the busiest event loop of the edge was awake, 0 to 1.");
        foreach (var edge in edges.Where(edge => edge.Vitals?.LoopLoad is { Count: > 0 }))
        {
            lines.Line(edge.Vitals!.LoopLoad!.Max(), ("edge", edge.Edge.ToString()));
        }
    }

    private static void WriteRules(MetricLines lines, List<(NamedRule Rule, RuleCounts Counts)> rules)
    {
        void Each(string name, string kind, string help, Func<RuleCounts, long?> value)
        {
            lines.Family(name, kind, help);
            foreach (var (rule, counts) in rules)
            {
                if (value(counts) is { } number)
                {
                    lines.Line(number, ("rule", rule.Id.ToString()));
                }
            }
        }

        void Both(string name, string help, Func<RuleCounts, (long In, long Out)> value, bool isDatagrams)
        {
            lines.Family(name, Counter, help);
            foreach (var (rule, counts) in rules.Where(one => !isDatagrams || one.Rule.Protocol == TransportProtocol.Udp))
            {
                var (ins, outs) = value(counts);
                lines.Line(ins, ("rule", rule.Id.ToString()), ("direction", "in"));
                lines.Line(outs, ("rule", rule.Id.ToString()), ("direction", "out"));
            }
        }

        Both("portunus_fleet_rule_bytes_total", "Payload delivered: in to the target, out to the connecting side.", counts => (counts.Total.BytesIn, counts.Total.BytesOut), isDatagrams: false);
        Each("portunus_fleet_rule_connections_accepted_total", Counter, "Connections taken from the kernel, refused ones included.", counts => counts.Total.Accepted);
        Each("portunus_fleet_rule_flows_opened_total", Counter, "Flows that reached a target.", counts => counts.Total.Flows);
        Each("portunus_fleet_rule_flows_refused_total", Counter, "Connections refused by an address list or a limit.", counts => counts.Total.Refused);
        Each("portunus_fleet_rule_flows_failed_total", Counter, "Connections that reached no target, or ended by a fault.", counts => counts.Total.Failed);
        Each("portunus_fleet_rule_flows_active", Gauge, "Flows open now.", counts => counts.FlowsActive);
        Both("portunus_fleet_rule_datagrams_total", "UDP rules only: datagrams delivered.", counts => (counts.Total.DatagramsIn, counts.Total.DatagramsOut), isDatagrams: true);
        Both("portunus_fleet_rule_datagrams_dropped_total", "UDP rules only: datagrams not passed on.", counts => (counts.Total.DropsIn, counts.Total.DropsOut), isDatagrams: true);
        lines.Family("portunus_fleet_rule_flows_ended_total", Counter, "Ended flows by reason since the edge started; only reasons seen.");
        foreach (var (rule, counts) in rules)
        {
            foreach (var (reason, count) in counts.Ends ?? new Dictionary<string, long>())
            {
                if (s_ends.Contains(reason))
                {
                    lines.Line(count, ("rule", rule.Id.ToString()), ("reason", reason));
                }
            }
        }

        lines.Family("portunus_fleet_rule_forwarding", Gauge, "1 for what is known of the rule's targets, 0 for the others.");
        foreach (var (rule, counts) in rules)
        {
            foreach (var state in s_states)
            {
                lines.Line(counts.Forwarding == state ? 1L : 0L, ("rule", rule.Id.ToString()), ("state", Word(state)));
            }
        }
    }

    private static string Word(TransportProtocol protocol) => protocol == TransportProtocol.Tcp ? "tcp" : "udp";

    private static string Word(ForwardingState state) => state switch
    {
        ForwardingState.Ok => "ok",
        ForwardingState.Failing => "failing",
        ForwardingState.Idle => "idle",
        _ => "unknown",
    };
}

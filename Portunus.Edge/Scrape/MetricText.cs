using Portunus.Edge.Options;
using Portunus.Shared.Metrics;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Scrape;

/// <summary>A sample as Prometheus reads it. Each metric is explained in docs/monitoring.md. Pure.</summary>
internal static class MetricText
{
    private const string Counter = "counter";
    private const string Gauge = "gauge";

    private static readonly FlowEnd[] s_ends = Enum.GetValues<FlowEnd>();
    private static readonly RuleStanding[] s_standings = Enum.GetValues<RuleStanding>();

    private static readonly FlowEnd[] s_refusals =
        [FlowEnd.Denied, FlowEnd.RuleFlowRate, FlowEnd.RuleConcurrent, FlowEnd.OwnerFlowRate, FlowEnd.OwnerConcurrent];

    private static readonly DatagramDrop[] s_dropsIn = Enum.GetValues<DatagramDrop>();

    /// <summary>A reply belongs to a flow that is there: nothing refuses or looks for it.</summary>
    private static readonly DatagramDrop[] s_dropsOut =
    [
        DatagramDrop.Bandwidth, DatagramDrop.TooBig, DatagramDrop.SendBufferFull, DatagramDrop.Unreachable, DatagramDrop.SendFailed,
        DatagramDrop.Truncated, DatagramDrop.Fault,
    ];

    public static string Write(EdgeSample sample)
    {
        var lines = new MetricLines();
        var rules = MetricLabels.Of(sample);
        WriteVitals(lines, sample.Vitals);
        WriteStanding(lines, rules);
        WriteTraffic(lines, rules);
        WriteDatagrams(lines, [.. rules.Where(rule => rule.Rule.IsDatagrams)]);
        WriteTargets(lines, rules);
        return lines.ToString();
    }

    private static void WriteVitals(MetricLines lines, EdgeVitals vitals)
    {
        lines.Family("portunus_edge_build_info", Gauge, "Always 1; the label is the version of the edge.");
        lines.Line(1, ("version", EdgeVersion.Text));
        lines.Family("portunus_edge_start_time_seconds", Gauge, "When the edge started, in seconds since 1970.");
        lines.Line(vitals.StartedAt.ToUnixTimeMilliseconds() / 1000.0);
        lines.Family("portunus_edge_loop_flows", Gauge, "Open flows of each event loop.");
        for (var i = 0; i < vitals.FlowsPerLoop.Count; i++)
        {
            lines.Line(vitals.FlowsPerLoop[i], ("loop", i.ToString()));
        }

        lines.Family("portunus_edge_open_descriptors", Gauge, "Descriptors that the edge has open.");
        lines.Line(vitals.OpenDescriptors);
        lines.Family("portunus_edge_descriptor_limit", Gauge, "The most descriptors that the edge may open; +Inf without a limit.");
        if (vitals.DescriptorLimit < long.MaxValue)
        {
            lines.Line(vitals.DescriptorLimit);
        }
        else
        {
            lines.Line(double.PositiveInfinity);
        }

        lines.Family("portunus_edge_resident_memory_bytes", Gauge, "Resident memory of the edge.");
        lines.Line(vitals.ResidentBytes);
        lines.Family("portunus_edge_accept_errors_total", Counter, "Connections that the kernel could not hand over.");
        lines.Line(vitals.AcceptErrors);
        lines.Family("portunus_edge_collections_total", Counter, "Garbage collections of the edge.");
        lines.Line(vitals.Collections);
    }

    private static void WriteStanding(MetricLines lines, IReadOnlyList<MetricLabels> rules)
    {
        lines.Family("portunus_edge_rule_info", Gauge, "Always 1; the labels say what the rule is.");
        foreach (var (rule, name, _) in rules)
        {
            lines.Line(1, ("rule", name), ("id", rule.Rule.ToString()), ("protocol", rule.Protocol), ("listen", rule.Listen));
        }

        lines.Family("portunus_edge_rule_state", Gauge, "1 for the state that the rule is in, 0 for the others.");
        foreach (var (rule, name, _) in rules)
        {
            foreach (var standing in s_standings)
            {
                lines.Line(rule.Outcome.Standing == standing ? 1 : 0, ("rule", name), ("state", SampleWords.Of(standing)));
            }
        }

        lines.Family("portunus_edge_rule_refused", Gauge, "1 for each rule that cannot listen, with the reason; absent for the others.");
        foreach (var (rule, name, _) in rules.Where(rule => rule.Rule.Outcome.Standing == RuleStanding.Refused))
        {
            lines.Line(1, ("rule", name), ("reason", SampleWords.Of(rule.Outcome.Refusal)));
        }
    }

    private static void WriteTraffic(MetricLines lines, IReadOnlyList<MetricLabels> rules)
    {
        lines.Family("portunus_edge_bytes_total", Counter, "Payload delivered: in to the target, out to the connecting side.");
        foreach (var (rule, name, _) in rules)
        {
            lines.Line(rule.Traffic.BytesIn, ("rule", name), ("direction", "in"));
            lines.Line(rule.Traffic.BytesOut, ("rule", name), ("direction", "out"));
        }

        PerRule(lines, rules, "portunus_edge_connections_accepted_total", Counter, "Connections taken from the kernel, refused ones included.", rule => rule.Accepted);
        PerRule(lines, rules, "portunus_edge_flows_opened_total", Counter, "Flows that reached their target.", rule => rule.Traffic.FlowsOpened);
        PerRule(lines, rules, "portunus_edge_flows_active", Gauge, "Flows open now.", rule => rule.Traffic.FlowsActive);
        PerEnd(lines, rules, s_ends, "portunus_edge_flows_ended_total", "Accepted connections that have ended, by the one reason of each.");
        PerEnd(lines, rules, s_refusals, "portunus_edge_flows_refused_total", "Those of the ended that an address list or a limit refused.");
        lines.Family("portunus_edge_throttles_total", Counter, "Times that a direction waited for a bandwidth limit.");
        foreach (var (rule, name, _) in rules)
        {
            lines.Line(rule.ThrottlesIn, ("rule", name), ("direction", "in"));
            lines.Line(rule.ThrottlesOut, ("rule", name), ("direction", "out"));
        }

        PerRule(lines, rules, "portunus_edge_name_failures_total", Counter, "Times that a target's name could not be resolved.", rule => rule.NameFailures);
        PerRule(lines, rules, "portunus_edge_target_changes_total", Counter, "Times that a target went down or came up again.", rule => rule.TargetChanges);
    }

    /// <summary>Of UDP rules only: zeroes for the others would be lines without a meaning.</summary>
    private static void WriteDatagrams(MetricLines lines, IReadOnlyList<MetricLabels> rules)
    {
        lines.Family("portunus_edge_datagrams_total", Counter, "Datagrams delivered: in to the target, out to the connecting side.");
        foreach (var (rule, name, _) in rules)
        {
            lines.Line(rule.Traffic.DatagramsIn, ("rule", name), ("direction", "in"));
            lines.Line(rule.Traffic.DatagramsOut, ("rule", name), ("direction", "out"));
        }

        lines.Family("portunus_edge_datagrams_dropped_total", Counter, "Datagrams not passed on, by the one reason of each.");
        foreach (var (rule, name, _) in rules)
        {
            Drops(lines, name, "in", s_dropsIn, rule.DropsIn);
            Drops(lines, name, "out", [.. s_dropsOut.Union(rule.DropsOut.Keys)], rule.DropsOut);
        }
    }

    private static void Drops(MetricLines lines, string name, string direction, DatagramDrop[] reasons, IReadOnlyDictionary<DatagramDrop, long> drops)
    {
        foreach (var reason in reasons)
        {
            lines.Line(drops.GetValueOrDefault(reason), ("rule", name), ("direction", direction), ("reason", SampleWords.Of(reason)));
        }
    }

    private static void WriteTargets(MetricLines lines, IReadOnlyList<MetricLabels> rules)
    {
        lines.Family("portunus_edge_target_up", Gauge, "1 for a target that works, 0 for one that does not; absent before the first dial.");
        foreach (var (_, name, targets) in rules)
        {
            foreach (var (target, place) in targets.Where(target => target.Target.Standing != TargetStanding.Unknown))
            {
                lines.Line(target.Standing == TargetStanding.Up ? 1 : 0, ("rule", name), ("target", place));
            }
        }

        lines.Family("portunus_edge_target_bytes_total", Counter, "Payload delivered by target: in to it, out from it.");
        foreach (var (_, name, targets) in rules)
        {
            foreach (var (target, place) in targets)
            {
                lines.Line(target.Traffic.BytesIn, ("rule", name), ("target", place), ("direction", "in"));
                lines.Line(target.Traffic.BytesOut, ("rule", name), ("target", place), ("direction", "out"));
            }
        }

        PerTarget(lines, rules, "portunus_edge_target_flows_opened_total", Counter, "Flows that reached this target.", target => target.Traffic.FlowsOpened);
        PerTarget(lines, rules, "portunus_edge_target_flows_active", Gauge, "Flows open to this target now.", target => target.Traffic.FlowsActive);
        PerTarget(lines, rules, "portunus_edge_target_connect_failures_total", Counter, "Connects to this target that failed.", target => target.ConnectFailures);
        PerTarget(lines, rules, "portunus_edge_target_consecutive_failures", Gauge, "Connects to this target that failed since the last that did not.", target => target.ConsecutiveFailures);
        lines.Family("portunus_edge_target_connect_seconds", Gauge, "What the last successful connect took; absent before it.");
        foreach (var (_, name, targets) in rules)
        {
            foreach (var (target, place) in targets)
            {
                if (target.ConnectMs is { } took)
                {
                    lines.Line(took / 1000, ("rule", name), ("target", place));
                }
            }
        }
    }

    private static void PerRule(MetricLines lines, IReadOnlyList<MetricLabels> rules, string metric, string type, string help, Func<RuleSample, long> read)
    {
        lines.Family(metric, type, help);
        foreach (var (rule, name, _) in rules)
        {
            lines.Line(read(rule), ("rule", name));
        }
    }

    /// <summary>Reasons not seen yet are there with 0: a counter that first appears as 1 has never increased, and no alert sees it.</summary>
    private static void PerEnd(MetricLines lines, IReadOnlyList<MetricLabels> rules, FlowEnd[] ends, string metric, string help)
    {
        lines.Family(metric, Counter, help);
        foreach (var (rule, name, _) in rules)
        {
            foreach (var end in ends)
            {
                lines.Line(rule.Ends.GetValueOrDefault(end), ("rule", name), ("reason", SampleWords.Of(end)));
            }
        }
    }

    private static void PerTarget(MetricLines lines, IReadOnlyList<MetricLabels> rules, string metric, string type, string help, Func<TargetSample, long> read)
    {
        lines.Family(metric, type, help);
        foreach (var (_, name, targets) in rules)
        {
            foreach (var (target, place) in targets)
            {
                lines.Line(read(target), ("rule", name), ("target", place));
            }
        }
    }
}

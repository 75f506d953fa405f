using System.Buffers;
using System.Text.Json;
using Portunus.Edge.Options;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Stats;

/// <summary>
/// The JSON of the stats socket, documented in docs/monitoring.md. Fields may be added under the same format number; one that
/// is renamed, removed or changes its meaning raises it.
/// </summary>
internal static class StatsJson
{
    public const int Format = 1;

    /// <summary>One document without line breaks.</summary>
    /// <param name="sample">What was counted.</param>
    /// <param name="history">The rates.</param>
    /// <param name="withHistory">Whether each rule carries its series: once per reader is enough.</param>
    public static byte[] Write(EdgeSample sample, StatsHistory history, bool withHistory)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("version", EdgeVersion.Text);
            json.WriteNumber("sequence", sample.Sequence);
            WriteTime(json, "taken_at", sample.TakenAt);
            json.WriteNumber("refresh_ms", (long)history.Step.TotalMilliseconds);
            WriteVitals(json, sample);
            json.WriteStartArray("rules");
            foreach (var rule in sample.Rules)
            {
                WriteRule(json, rule, history, withHistory);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>What a reader gets instead of a document, and the last it gets.</summary>
    public static byte[] WriteRefusal(string code, string text)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("error", code);
            json.WriteString("text", text);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteVitals(Utf8JsonWriter json, EdgeSample sample)
    {
        var vitals = sample.Vitals;
        json.WriteStartObject("edge");
        WriteTime(json, "started_at", vitals.StartedAt);
        json.WriteNumber("uptime_seconds", Math.Round((sample.TakenAt - vitals.StartedAt).TotalSeconds, 3));
        json.WriteNumber("loops", vitals.Loops);
        json.WriteStartArray("flows_per_loop");
        foreach (var flows in vitals.FlowsPerLoop)
        {
            json.WriteNumberValue(flows);
        }

        json.WriteEndArray();
        json.WriteNumber("flows_active", vitals.FlowsActive);
        json.WriteNumber("open_descriptors", vitals.OpenDescriptors);
        if (vitals.DescriptorLimit < long.MaxValue)
        {
            json.WriteNumber("descriptor_limit", vitals.DescriptorLimit);
        }
        else
        {
            json.WriteNull("descriptor_limit");
        }

        json.WriteNumber("resident_bytes", vitals.ResidentBytes);
        json.WriteNumber("accept_errors", vitals.AcceptErrors);
        json.WriteNumber("collections", vitals.Collections);
        json.WriteEndObject();
    }

    private static void WriteRule(Utf8JsonWriter json, RuleSample rule, StatsHistory history, bool withHistory)
    {
        json.WriteStartObject();
        json.WriteString("id", rule.Rule.ToString());
        json.WriteString("name", rule.Name);
        json.WriteString("protocol", rule.Protocol);
        json.WriteString("listen", rule.Listen);
        WriteOutcome(json, rule);
        WriteTraffic(json, rule, rule.Traffic);
        var rate = history.Last(rule.Rule);
        json.WriteNumber("bytes_per_second_in", Math.Round(rate.BytesIn));
        json.WriteNumber("bytes_per_second_out", Math.Round(rate.BytesOut));
        json.WriteNumber("flows_per_second", Math.Round(rate.Flows, 2));
        if (rule.IsDatagrams)
        {
            json.WriteNumber("datagrams_per_second_in", Math.Round(rate.DatagramsIn));
            json.WriteNumber("datagrams_per_second_out", Math.Round(rate.DatagramsOut));
            WriteCounts(json, "drops_in", rule.DropsIn, SampleWords.Of);
            WriteCounts(json, "drops_out", rule.DropsOut, SampleWords.Of);
        }

        json.WriteNumber("accepted", rule.Accepted);
        json.WriteNumber("throttles_in", rule.ThrottlesIn);
        json.WriteNumber("throttles_out", rule.ThrottlesOut);
        json.WriteNumber("target_changes", rule.TargetChanges);
        json.WriteNumber("name_failures", rule.NameFailures);
        WriteCounts(json, "ends", rule.Ends, SampleWords.Of);
        WritePorts(json, rule);
        WriteTargets(json, rule);
        if (withHistory)
        {
            WriteSeries(json, history, rule);
        }

        json.WriteEndObject();
    }

    private static void WriteOutcome(Utf8JsonWriter json, RuleSample rule)
    {
        var outcome = rule.Outcome;
        json.WriteString("state", SampleWords.Of(outcome.Standing));
        json.WriteString("forwarding", SampleWords.Forwarding(rule));
        json.WriteString("refusal", outcome.Refusal == BindRefusal.None ? null : SampleWords.Of(outcome.Refusal));
        if (outcome.Port > 0)
        {
            json.WriteNumber("refused_port", outcome.Port);
        }
        else
        {
            json.WriteNull("refused_port");
        }

        json.WriteString("text", outcome.Text);
    }

    private static void WritePorts(Utf8JsonWriter json, RuleSample rule)
    {
        json.WriteStartArray("ports");
        foreach (var port in rule.Ports)
        {
            json.WriteStartObject();
            json.WriteNumber("port", port.Port);
            WriteTraffic(json, rule, port.Traffic);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteTargets(Utf8JsonWriter json, RuleSample rule)
    {
        json.WriteStartArray("targets");
        foreach (var target in rule.Targets)
        {
            json.WriteStartObject();
            json.WriteString("host", target.Host);
            json.WriteNumber("port", target.Port);
            json.WriteNumber("priority", target.Priority);
            json.WriteString("standing", SampleWords.Of(target.Standing));
            WriteTraffic(json, rule, target.Traffic);
            json.WriteNumber("consecutive_failures", target.ConsecutiveFailures);
            json.WriteNumber("connect_failures", target.ConnectFailures);
            if (target.ConnectMs is { } took)
            {
                json.WriteNumber("connect_ms", Math.Round(took, 3));
            }
            else
            {
                json.WriteNull("connect_ms");
            }

            WriteTime(json, "last_failure", target.LastFailure);
            WriteTime(json, "last_success", target.LastSuccess);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSeries(Utf8JsonWriter json, StatsHistory history, RuleSample rule)
    {
        var series = history.Series(rule.Rule);
        json.WriteStartObject("history");
        json.WriteNumber("step_ms", (long)history.Step.TotalMilliseconds);
        json.WriteStartArray("bytes_per_second_in");
        foreach (var rate in series)
        {
            json.WriteNumberValue(Math.Round(rate.BytesIn));
        }

        json.WriteEndArray();
        json.WriteStartArray("bytes_per_second_out");
        foreach (var rate in series)
        {
            json.WriteNumberValue(Math.Round(rate.BytesOut));
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCounts<T>(Utf8JsonWriter json, string name, IReadOnlyDictionary<T, long> counts, Func<T, string> word)
        where T : struct, Enum
    {
        json.WriteStartObject(name);
        foreach (var (reason, count) in counts.OrderBy(count => count.Key))
        {
            json.WriteNumber(word(reason), count);
        }

        json.WriteEndObject();
    }

    private static void WriteTraffic(Utf8JsonWriter json, RuleSample rule, TrafficCount traffic)
    {
        json.WriteNumber("bytes_in", traffic.BytesIn);
        json.WriteNumber("bytes_out", traffic.BytesOut);
        json.WriteNumber("flows_opened", traffic.FlowsOpened);
        json.WriteNumber("flows_active", traffic.FlowsActive);
        if (rule.IsDatagrams)
        {
            json.WriteNumber("datagrams_in", traffic.DatagramsIn);
            json.WriteNumber("datagrams_out", traffic.DatagramsOut);
        }
    }

    /// <summary>RFC 3339 in UTC, to the millisecond.</summary>
    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time) =>
        json.WriteString(name, time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
}

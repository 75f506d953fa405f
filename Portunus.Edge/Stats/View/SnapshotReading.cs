using System.Text.Json;

namespace Portunus.Edge.Stats.View;

/// <summary>Reads a line of the stats socket. What is absent is empty or zero: an edge of another version may know other fields.</summary>
internal static class SnapshotReading
{
    /// <summary>Throws <see cref="JsonException"/> for what is no line of an edge, and <see cref="IOException"/> with the edge's own words where it turns the reader away.</summary>
    public static ViewSnapshot Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new JsonException("a field is of another kind", error);
        }
    }

    private static ViewSnapshot Read(JsonElement root)
    {
        if (root.TryGetProperty("error", out _))
        {
            throw new IOException(Text(root, "text"));
        }

        var format = Number(root, "format");
        if (format != StatsJson.Format)
        {
            throw new IOException($"it speaks stats format {format}, this program format {StatsJson.Format}");
        }

        var edge = root.GetProperty("edge");
        return new ViewSnapshot
        {
            Version = Text(root, "version"),
            TakenAt = Time(root, "taken_at") ?? DateTimeOffset.UnixEpoch,
            Uptime = TimeSpan.FromSeconds(Math.Clamp(Real(edge, "uptime_seconds") ?? 0, 0, int.MaxValue)),
            StartedAt = Text(edge, "started_at"),
            Loops = Number(edge, "loops"),
            FlowsActive = Number(edge, "flows_active"),
            OpenDescriptors = Number(edge, "open_descriptors"),
            DescriptorLimit = Real(edge, "descriptor_limit") is null ? null : Number(edge, "descriptor_limit"),
            ResidentBytes = Number(edge, "resident_bytes"),
            AcceptErrors = Number(edge, "accept_errors"),
            Rules = [.. Elements(root, "rules").Select(ReadRule)],
        };
    }

    private static ViewRule ReadRule(JsonElement rule)
    {
        var history = rule.TryGetProperty("history", out var given) ? given : default;
        return new ViewRule
        {
            Id = Text(rule, "id"),
            Name = Text(rule, "name"),
            Protocol = Text(rule, "protocol"),
            Listen = Text(rule, "listen"),
            State = Text(rule, "state"),
            Forwarding = Text(rule, "forwarding"),
            Refusal = Text(rule, "refusal"),
            Text = Text(rule, "text"),
            Traffic = Traffic(rule),
            RateIn = Real(rule, "bytes_per_second_in") ?? 0,
            RateOut = Real(rule, "bytes_per_second_out") ?? 0,
            FlowRate = Real(rule, "flows_per_second") ?? 0,
            DatagramRateIn = Real(rule, "datagrams_per_second_in") ?? 0,
            DatagramRateOut = Real(rule, "datagrams_per_second_out") ?? 0,
            DropsIn = Counts(rule, "drops_in"),
            DropsOut = Counts(rule, "drops_out"),
            Accepted = Number(rule, "accepted"),
            ThrottlesIn = Number(rule, "throttles_in"),
            ThrottlesOut = Number(rule, "throttles_out"),
            NameFailures = Number(rule, "name_failures"),
            TargetChanges = Number(rule, "target_changes"),
            Ends = Counts(rule, "ends"),
            Ports = [.. Elements(rule, "ports").Select(port => (Number(port, "port"), Traffic(port)))],
            Targets = [.. Elements(rule, "targets").Select(ReadTarget)],
            HistoryIn = [.. Elements(history, "bytes_per_second_in").Select(rate => rate.GetDouble())],
            HistoryOut = [.. Elements(history, "bytes_per_second_out").Select(rate => rate.GetDouble())],
        };
    }

    private static ViewTarget ReadTarget(JsonElement target)
    {
        var host = Text(target, "host");
        return new ViewTarget
        {
            Place = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{Number(target, "port")}" : $"{host}:{Number(target, "port")}",
            Priority = Number(target, "priority"),
            Standing = Text(target, "standing"),
            Traffic = Traffic(target),
            ConsecutiveFailures = Number(target, "consecutive_failures"),
            ConnectFailures = Number(target, "connect_failures"),
            ConnectMs = Real(target, "connect_ms"),
            LastFailure = Time(target, "last_failure"),
        };
    }

    private static ViewTraffic Traffic(JsonElement of) => new(
        Number(of, "bytes_in"),
        Number(of, "bytes_out"),
        Number(of, "flows_opened"),
        Number(of, "flows_active"),
        Number(of, "datagrams_in"),
        Number(of, "datagrams_out"));

    private static IReadOnlyList<(string Reason, long Count)> Counts(JsonElement of, string name) =>
        of.TryGetProperty(name, out var counts) ? [.. counts.EnumerateObject().Select(count => (count.Name, count.Value.GetInt64()))] : [];

    private static IEnumerable<JsonElement> Elements(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var array) ? array.EnumerateArray() : [];

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var text) ? text.GetString() ?? "" : "";

    private static long Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var number) ? number.GetInt64() : 0;

    private static double? Real(JsonElement of, string name) =>
        of.TryGetProperty(name, out var number) && number.ValueKind != JsonValueKind.Null ? number.GetDouble() : null;

    private static DateTimeOffset? Time(JsonElement of, string name) =>
        of.TryGetProperty(name, out var time) && time.ValueKind != JsonValueKind.Null ? time.GetDateTimeOffset() : null;
}

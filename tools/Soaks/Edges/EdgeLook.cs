using System.Text.Json;

namespace Portunus.Soaks.Edges;

/// <summary>One rule of a look.</summary>
/// <param name="State">listening, refused, …</param>
/// <param name="Accepted">Connections taken.</param>
/// <param name="Active">Flows open.</param>
/// <param name="BytesIn">Delivered to targets.</param>
/// <param name="BytesOut">Delivered to connecting sides.</param>
/// <param name="Ends">Ended flows by reason.</param>
internal sealed record RuleLook(string State, long Accepted, long Active, long BytesIn, long BytesOut, IReadOnlyDictionary<string, long> Ends)
{
    public string Protocol { get; init; } = "tcp";

    /// <summary>Delivered to targets.</summary>
    public long DatagramsIn { get; init; }

    /// <summary>Delivered to connecting sides.</summary>
    public long DatagramsOut { get; init; }

    /// <summary>Datagrams from connecting sides that were not passed on, by reason.</summary>
    public IReadOnlyDictionary<string, long> DropsIn { get; init; } = new Dictionary<string, long>();

    /// <summary>Datagrams from targets that were not passed on, by reason.</summary>
    public IReadOnlyDictionary<string, long> DropsOut { get; init; } = new Dictionary<string, long>();

    public long Dropped => DropsIn.Values.Sum() + DropsOut.Values.Sum();

    public string DropsText => Dropped == 0
        ? "no drops"
        : "drops " + string.Join(", ", DropsIn.Select(drop => $"in {drop.Key} {drop.Value}").Concat(DropsOut.Select(drop => $"out {drop.Key} {drop.Value}")));

    public long Ended => Ends.Values.Sum();

    public string EndsText => Ends.Count == 0 ? "none" : string.Join(", ", Ends.Select(end => $"{end.Key} {end.Value}"));
}

/// <summary>What the edge says of itself, from the document of its stats socket.</summary>
/// <param name="Uptime">By the edge's own clock.</param>
/// <param name="Loops">Event loops.</param>
/// <param name="Active">Flows open.</param>
/// <param name="Collections">Garbage collections since its start.</param>
/// <param name="Rules">By name.</param>
internal sealed record EdgeLook(TimeSpan Uptime, int Loops, long Active, long Collections, IReadOnlyDictionary<string, RuleLook> Rules)
{
    /// <summary>Null where the edge says that it has too many readers.</summary>
    public static EdgeLook? Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("edge", out var edge))
        {
            return null;
        }

        return new EdgeLook(
            TimeSpan.FromSeconds(edge.GetProperty("uptime_seconds").GetDouble()),
            edge.GetProperty("loops").GetInt32(),
            edge.GetProperty("flows_active").GetInt64(),
            edge.GetProperty("collections").GetInt64(),
            document.RootElement.GetProperty("rules").EnumerateArray().ToDictionary(rule => rule.GetProperty("name").GetString() ?? "", Rule));
    }

    private static RuleLook Rule(JsonElement rule) => new(
        rule.GetProperty("state").GetString() ?? "",
        rule.GetProperty("accepted").GetInt64(),
        rule.GetProperty("flows_active").GetInt64(),
        rule.GetProperty("bytes_in").GetInt64(),
        rule.GetProperty("bytes_out").GetInt64(),
        Counts(rule, "ends"))
    {
        Protocol = rule.GetProperty("protocol").GetString() ?? "",
        DatagramsIn = rule.TryGetProperty("datagrams_in", out var datagramsIn) ? datagramsIn.GetInt64() : 0,
        DatagramsOut = rule.TryGetProperty("datagrams_out", out var datagramsOut) ? datagramsOut.GetInt64() : 0,
        DropsIn = Counts(rule, "drops_in"),
        DropsOut = Counts(rule, "drops_out"),
    };

    private static Dictionary<string, long> Counts(JsonElement rule, string name) =>
        rule.TryGetProperty(name, out var counts) ? counts.EnumerateObject().ToDictionary(count => count.Name, count => count.Value.GetInt64()) : [];
}

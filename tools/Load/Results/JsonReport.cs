using System.Text.Json;

namespace Portunus.Load.Results;

/// <summary>The same as a file: every reading of every round, and the verdicts.</summary>
internal static class JsonReport
{
    public static void Write(Stream target, string machine, string edge, Ledger ledger, IReadOnlyList<Verdict> verdicts)
    {
        using var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("machine", machine);
        json.WriteString("edge", edge);
        json.WriteStartArray("readings");
        foreach (var (peer, figure) in ledger.Keys)
        {
            var spread = ledger.Spread(peer, figure)!.Value;
            json.WriteStartObject();
            json.WriteString("peer", peer);
            json.WriteString("figure", figure);
            json.WriteNumber("median", spread.Median);
            json.WriteStartArray("rounds");
            foreach (var value in ledger.Values(peer, figure))
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("verdicts");
        foreach (var verdict in verdicts)
        {
            json.WriteStartObject();
            json.WriteString("promise", verdict.Requirement.Text);
            json.WriteNumber("bound", verdict.Requirement.Bound);
            json.WriteBoolean("at_least", verdict.Requirement.AtLeast);
            json.WriteString("against", verdict.Against);
            if (verdict.Measured is { } measured)
            {
                json.WriteNumber("measured", measured.Median);
                json.WriteNumber("lowest", measured.Low);
                json.WriteNumber("highest", measured.High);
            }

            json.WriteString("verdict", verdict.Word);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

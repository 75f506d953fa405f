using System.Text.Json;
using Portunus.Edge.Options;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Scrape;

/// <summary>What <c>/healthz</c> answers, as JSON. Pure.</summary>
internal static class HealthText
{
    /// <summary>The status of an edge that does all it was asked to.</summary>
    public const string Ok = "ok";

    /// <summary>
    /// An edge is degraded while a rule cannot listen: that is its own trouble. Targets that are down are named, but they are
    /// somebody else's, and an edge is not to be taken out of service for them. An edge whose last flows are finishing is stopping:
    /// new connections belong elsewhere.
    /// </summary>
    public static string Status(EdgeSample sample)
    {
        bool Any(RuleStanding standing) => sample.Rules.Any(rule => rule.Outcome.Standing == standing);
        return Any(RuleStanding.Refused) ? "degraded"
            : Any(RuleStanding.Draining) && !Any(RuleStanding.Listening) ? "stopping"
            : Ok;
    }

    public static byte[] Write(EdgeSample sample)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("status", Status(sample));
            json.WriteString("version", EdgeVersion.Text);
            json.WriteNumber("rules", sample.Rules.Count);
            json.WriteStartArray("refused");
            foreach (var rule in sample.Rules.Where(rule => rule.Outcome.Standing == RuleStanding.Refused))
            {
                json.WriteStartObject();
                json.WriteString("rule", rule.Name);
                json.WriteString("reason", SampleWords.Of(rule.Outcome.Refusal));
                json.WriteNumber("port", rule.Outcome.Port);
                json.WriteString("text", rule.Outcome.Text);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("failing");
            foreach (var rule in sample.Rules.Where(rule => SampleWords.Forwarding(rule) == "failing"))
            {
                json.WriteStringValue(rule.Name);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return [.. buffer.ToArray(), (byte)'\n'];
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Link;

/// <summary>
/// A plan as it lies on disk: <c>{"form":1,"edge":…,"sha256":…,"plan":{…}}</c>, the sum taken over the very bytes of the plan, so that a
/// torn, rotten or hand-edited file is known for what it is. Whose it is stands there too: credentials can be exchanged under it.
/// </summary>
internal static class PlanText
{
    private const int Form = 1;

    public static byte[] Write(PlanMessage plan, EdgeId edge)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(plan, LinkJson.Default.PlanMessage);
        using var text = new MemoryStream(bytes.Length + 256);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("form", Form);
            json.WriteString("edge", edge.ToString());
            json.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(bytes)));
            json.WritePropertyName("plan");
            json.WriteRawValue(bytes, skipInputValidation: true);
            json.WriteEndObject();
        }

        text.Write("\n"u8);
        return text.ToArray();
    }

    /// <summary>Never throws: whatever is wrong is the problem it answers.</summary>
    public static StoredPlan Read(ReadOnlyMemory<byte> text, EdgeId edge)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return Read(document.RootElement, edge);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException)
        {
            return Refused($"It is not a whole plan: {broken.Message}");
        }
    }

    private static StoredPlan Read(JsonElement root, EdgeId edge)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty("form", out var form)
            || !root.TryGetProperty("edge", out var owner)
            || !root.TryGetProperty("sha256", out var sum)
            || !root.TryGetProperty("plan", out var plan))
        {
            return Refused("It is not a plan of an edge.");
        }

        if (!form.TryGetInt32(out var number) || number != Form)
        {
            return Refused("Another version of the program wrote it, in a form that is not known here.");
        }

        var bytes = Encoding.UTF8.GetBytes(plan.GetRawText());
        if (!string.Equals(sum.GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)), StringComparison.Ordinal))
        {
            return Refused("Its content does not match its checksum.");
        }

        if (!string.Equals(owner.GetString(), edge.ToString(), StringComparison.Ordinal))
        {
            return Refused("It is the plan of another edge.");
        }

        return Message(plan);
    }

    /// <summary>A plan as it came, which is whole or none. Never throws: whatever is wrong is the problem it answers.</summary>
    public static StoredPlan Message(JsonElement plan)
    {
        try
        {
            return plan.Deserialize(LinkJson.Default.PlanMessage) is { Epoch: not null, Rules: not null, OwnerLimits: not null } read
                && read.Rules.All(rule => rule is not null) && read.OwnerLimits.Values.All(limits => limits is not null)
                ? new StoredPlan(read, null)
                : Refused("It holds no plan.");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or FormatException)
        {
            return Refused($"It is not a whole plan: {broken.Message}");
        }
    }

    private static StoredPlan Refused(string problem) => new(null, problem);
}

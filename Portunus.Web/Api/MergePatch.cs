using System.Text.Json;
using System.Text.Json.Nodes;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>JSON Merge Patch (RFC 7396): fields given replace, null takes away, fields left out stay as they are.</summary>
internal static class MergePatch
{
    /// <summary>What the thing looks like with the patch applied, read strictly. Null in a patch leaves the field at its default.</summary>
    /// <param name="current">As a request would spell it.</param>
    /// <param name="patch">An object.</param>
    public static Outcome<T> Apply<T>(T current, JsonElement patch)
        where T : class
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            return new Problem("wrong_type", "", "The body must be an object.", ProblemKind.Malformed);
        }

        // The patch is looked at first, as it was sent: merging would hide a field given twice.
        var asked = StrictJson.Read<T>(patch);
        if (!asked.IsDone)
        {
            return asked;
        }

        var before = JsonSerializer.SerializeToNode(current, ApiJson.Options);
        var merged = Merge(before, JsonNode.Parse(patch.GetRawText()));
        return StrictJson.Read<T>(JsonSerializer.SerializeToElement(merged, ApiJson.Options));
    }

    internal static JsonNode? Merge(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject known ? (JsonObject)known.DeepClone() : [];
        foreach (var (name, value) in fields)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Merge(result[name], value);
            }
        }

        return result;
    }
}

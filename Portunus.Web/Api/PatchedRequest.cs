using System.Text.Json;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>A merge patch (RFC 7396) of something that requests spell as <c>T</c>.</summary>
internal static class PatchedRequest
{
    /// <summary>What the thing looks like with the patch applied, read strictly. Null in a patch leaves the field at its default.</summary>
    /// <param name="current">As a request would spell it.</param>
    /// <param name="patch">An object.</param>
    public static Outcome<T> Of<T>(T current, JsonElement patch)
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

        var merged = Shared.Json.MergePatch.Apply(JsonSerializer.SerializeToElement(current, ApiJson.Options), patch);
        using var result = JsonDocument.Parse(merged);
        return StrictJson.Read<T>(result.RootElement);
    }
}

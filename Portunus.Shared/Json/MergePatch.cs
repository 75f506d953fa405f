using System.Buffers;
using System.Text.Json;

namespace Portunus.Shared.Json;

/// <summary>JSON merge patch (RFC 7396): an object says which fields become what, <c>null</c> removes one, all others stay.</summary>
public static class MergePatch
{
    /// <summary>
    /// The patched text. A field that the patch gives twice is in it twice, for the reader of the result to refuse. Both
    /// documents must come from <see cref="JsonText"/>.
    /// </summary>
    public static ReadOnlyMemory<byte> Apply(JsonElement original, JsonElement patch)
    {
        var result = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(result, new JsonWriterOptions { SkipValidation = true });
        Write(writer, original, patch);
        writer.Flush();
        return result.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement? original, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
        {
            patch.WriteTo(writer);
            return;
        }

        var changes = patch.EnumerateObject().ToLookup(property => property.Name, property => property.Value);
        var fields = original is { ValueKind: JsonValueKind.Object } known ? known.EnumerateObject().ToList() : [];
        writer.WriteStartObject();
        foreach (var field in fields.Where(field => !changes.Contains(field.Name)))
        {
            field.WriteTo(writer);
        }

        var old = fields.ToLookup(field => field.Name, field => field.Value);
        foreach (var change in changes.SelectMany(change => change, (change, value) => (Name: change.Key, Value: value)))
        {
            if (change.Value.ValueKind != JsonValueKind.Null)
            {
                writer.WritePropertyName(change.Name);
                Write(writer, old[change.Name].Cast<JsonElement?>().FirstOrDefault(), change.Value);
            }
        }

        writer.WriteEndObject();
    }
}

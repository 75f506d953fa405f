using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portunus.Tests.Kit;

/// <summary>For each bound that the document tells of a body, a value one beyond it.</summary>
internal static class BeyondBounds
{
    public static IEnumerable<(string Field, JsonNode? Value)> Of(ApiBook book, string type, string path = "")
    {
        foreach (var field in book.Schema(type).GetProperty("properties").EnumerateObject())
        {
            var name = path + field.Name;
            var schema = field.Value;
            foreach (var value in Values(schema))
            {
                yield return (name, value);
            }

            var inner = schema.TryGetProperty("oneOf", out var either) ? either.EnumerateArray().FirstOrDefault(one => one.TryGetProperty("$ref", out _)) : schema;
            if (inner.ValueKind == JsonValueKind.Object && inner.TryGetProperty("$ref", out var reference))
            {
                var named = reference.GetString()!.Split('/')[^1];
                foreach (var one in book.Schema(named).TryGetProperty("properties", out _) ? Of(book, named, name + ".") : [(name, (JsonNode?)"nonsense")])
                {
                    yield return one;
                }
            }
            else if (schema.TryGetProperty("items", out var items) && items.TryGetProperty("$ref", out var entry))
            {
                foreach (var (below, value) in Of(book, entry.GetString()!.Split('/')[^1]))
                {
                    yield return (name, new JsonArray(new JsonObject { [below] = value }));
                }
            }
            else if (schema.TryGetProperty("items", out items) && items.TryGetProperty("enum", out _))
            {
                yield return (name, new JsonArray("nonsense"));
            }
        }
    }

    private static IEnumerable<JsonNode> Values(JsonElement schema)
    {
        if (schema.TryGetProperty("minimum", out var least))
        {
            yield return least.GetInt64() - 1;
        }

        if (schema.TryGetProperty("maximum", out var most))
        {
            yield return most.GetInt64() + 1;
        }

        // No text at all is the same as leaving it out in some places; one beyond the end is wrong everywhere.
        if (schema.TryGetProperty("maxLength", out var longest))
        {
            yield return new string('x', longest.GetInt32() + 1);
        }

        if (schema.TryGetProperty("minLength", out var shortest) && shortest.GetInt32() > 1)
        {
            yield return new string('x', shortest.GetInt32() - 1);
        }

        // Ten thousand entries and one are another test's: they are more than a body here may hold.
        if (schema.TryGetProperty("maxItems", out var entries) && entries.GetInt32() < 100)
        {
            yield return new JsonArray([.. Enumerable.Range(0, entries.GetInt32() + 1).Select(_ => (JsonNode)new JsonObject())]);
        }

        if (schema.TryGetProperty("enum", out _))
        {
            yield return "nonsense";
        }
    }
}

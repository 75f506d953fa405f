using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Portunus.Shared.Rules;

namespace Portunus.Web.Shell;

/// <summary>What the types do not say by themselves: bounds, words, times, ids, and what a request must give.</summary>
internal static class ApiDocumentSchemas
{
    public static Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(DateTimeOffset))
        {
            // A converter writes it, which the exporter cannot look into.
            var isOptional = type != context.JsonTypeInfo.Type;
            schema.Type = isOptional ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
            schema.Format = "date-time";
        }
        else if (type == typeof(JsonElement))
        {
            schema.Description = "What it looked like, as the API shows it.";
        }

        if (schema.Properties is { Count: > 0 } && IsAsked(type))
        {
            schema.AdditionalPropertiesAllowed = false;
            schema.Required = type.GetProperties()
                .Where(property => property.GetCustomAttribute<RequiredAttribute>() is not null)
                .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name))
                .ToHashSet(StringComparer.Ordinal);
        }

        if (context.JsonPropertyInfo?.AttributeProvider is { } member)
        {
            Bound(schema, member);
        }

        return Task.CompletedTask;
    }

    /// <summary>Types of bodies: every field of them may be left out unless it is marked.</summary>
    internal static bool IsAsked(Type type) => type.Name.EndsWith("Asked", StringComparison.Ordinal)
        || type.Name.EndsWith("Fields", StringComparison.Ordinal) || type.Name.EndsWith("Request", StringComparison.Ordinal)
        || type.Name.EndsWith("Change", StringComparison.Ordinal) || type.Name.EndsWith("Reset", StringComparison.Ordinal) || type.Name.EndsWith("Spec", StringComparison.Ordinal);

    private static void Bound(OpenApiSchema schema, ICustomAttributeProvider member)
    {
        var bounds = member.GetCustomAttributes(typeof(BoundsAttribute), true).OfType<BoundsAttribute>().SingleOrDefault();
        var kind = schema.Type & ~JsonSchemaType.Null;
        if (bounds is not null)
        {
            switch (kind)
            {
                case JsonSchemaType.String:
                    (schema.MinLength, schema.MaxLength) = ((int)bounds.Least, (int)bounds.Most);
                    break;
                case JsonSchemaType.Array:
                    (schema.MinItems, schema.MaxItems) = ((int)bounds.Least, (int)bounds.Most);
                    break;
                default:
                    (schema.Minimum, schema.Maximum) = (Text(bounds.Least), Text(bounds.Most));
                    break;
            }
        }

        if (member.GetCustomAttributes(typeof(WordsAttribute), true).OfType<WordsAttribute>().SingleOrDefault() is { } words)
        {
            var target = kind == JsonSchemaType.Array ? schema.Items as OpenApiSchema : schema;
            if (target is not null)
            {
                target.Enum = [.. words.Words.Select(word => (JsonNode)word)];
                if (target == schema)
                {
                    // Null is the same as leaving it out, and would be no word.
                    schema.Type = JsonSchemaType.String;
                }
            }
        }
    }

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

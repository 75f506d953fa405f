using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Portunus.Shared.Json;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>
/// Turns JSON into a value and tells everything that is wrong with it at once, by path: fields that nobody knows, fields given
/// twice, values of the wrong kind. What the values mean is for the Writers to judge.
/// </summary>
internal static class StrictJson
{
    /// <summary>After so many problems the rest is not looked at.</summary>
    private const int MaxProblems = 100;

    public static Outcome<T> Read<T>(JsonElement element)
        where T : class
    {
        var problems = new List<Problem>();
        Look(element, ApiJson.Options.GetTypeInfo(typeof(T)), "", problems);
        if (problems.Count > 0)
        {
            return problems;
        }

        try
        {
            return element.Deserialize<T>(ApiJson.Options) is { } value ? value : new Problem("wrong_type", "", "An object is expected.", ProblemKind.Malformed);
        }
        catch (JsonException wrong)
        {
            return new Problem("wrong_type", FieldOf(wrong.Path), "The value cannot be read.", ProblemKind.Malformed);
        }
    }

    /// <summary>Reads a whole body.</summary>
    public static Outcome<JsonElement> Parse(ReadOnlyMemory<byte> utf8)
    {
        if (!JsonText.TryParse(utf8, out var document, out var problem))
        {
            return new Problem(problem.Code, problem.Field, problem.Text, ProblemKind.Malformed);
        }

        using (document)
        {
            return document.RootElement.Clone();
        }
    }

    private static void Look(JsonElement element, JsonTypeInfo type, string path, List<Problem> problems)
    {
        if (problems.Count >= MaxProblems || (element.ValueKind == JsonValueKind.Null && path.Length > 0))
        {
            return;
        }

        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object when element.ValueKind == JsonValueKind.Object:
                LookInside(element, type, path, problems);
                break;
            case JsonTypeInfoKind.Enumerable when element.ValueKind == JsonValueKind.Array && type.ElementType is { } inner:
                var index = 0;
                foreach (var one in element.EnumerateArray())
                {
                    Look(one, ApiJson.Options.GetTypeInfo(inner), $"{path}[{index++}]", problems);
                }

                break;
            default:
                if (!CanRead(element, type))
                {
                    problems.Add(new Problem("wrong_type", path, $"{(path.Length == 0 ? "The body" : path)} must be {Expected(type)}.", ProblemKind.Malformed));
                }

                break;
        }
    }

    private static void LookInside(JsonElement element, JsonTypeInfo type, string path, List<Problem> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var field = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
            if (problems.Count >= MaxProblems)
            {
                return;
            }

            if (!seen.Add(member.Name))
            {
                problems.Add(new Problem("duplicate_field", field, $"{field} is given twice.", ProblemKind.Malformed));
            }
            else if (type.Properties.FirstOrDefault(property => property.Name == member.Name) is { } known)
            {
                Look(member.Value, ApiJson.Options.GetTypeInfo(known.PropertyType), field, problems);
            }
            else
            {
                problems.Add(new Problem("unknown_field", field, $"{field} is not a field of this request.", ProblemKind.Malformed));
            }
        }
    }

    private static bool CanRead(JsonElement element, JsonTypeInfo type)
    {
        if (type.Kind is JsonTypeInfoKind.Object or JsonTypeInfoKind.Enumerable)
        {
            return false;
        }

        try
        {
            element.Deserialize(type);
            return true;
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException or FormatException)
        {
            return false;
        }
    }

    private static string Expected(JsonTypeInfo type)
    {
        var plain = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            JsonTypeInfoKind.Enumerable => "an array",
            _ when plain == typeof(string) => "a string",
            _ when plain == typeof(bool) => "true or false",
            _ when plain == typeof(DateTimeOffset) => "a time as RFC 3339 spells it, with its offset",
            _ when plain.IsEnum => $"one of {string.Join(", ", Enum.GetNames(plain).Select(JsonNamingPolicy.SnakeCaseLower.ConvertName))}",
            _ when plain.IsPrimitive => "a whole number",
            _ => "something else",
        };
    }

    private static string FieldOf(string? path) => path is null or "$" ? "" : path.TrimStart('$').TrimStart('.');
}

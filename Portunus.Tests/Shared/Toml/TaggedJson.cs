using System.Globalization;
using System.Text.Json;
using Portunus.Shared.Toml;

namespace Portunus.Tests.Shared.Toml;

/// <summary>Compares what was read with the tagged JSON of toml-test: every scalar is an object of a type and its value as text.</summary>
internal static class TaggedJson
{
    /// <summary>The path of the first difference; null where there is none.</summary>
    public static string? Difference(TomlValue value, JsonElement wanted, string path = "$")
    {
        switch (value)
        {
            case TomlTable table:
                var names = wanted.ValueKind == JsonValueKind.Object ? wanted.EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal) : null;
                return names?.SequenceEqual(table.Entries.Select(entry => entry.Key).Order(StringComparer.Ordinal)) != true
                    ? $"{path}: other keys"
                    : table.Entries.Select(entry => Difference(entry.Value, wanted.GetProperty(entry.Key), $"{path}.{entry.Key}")).FirstOrDefault(found => found is not null);
            case TomlArray array:
                return wanted.ValueKind != JsonValueKind.Array || wanted.GetArrayLength() != array.Values.Count
                    ? $"{path}: another length"
                    : array.Values.Select((one, index) => Difference(one, wanted[index], $"{path}[{index}]")).FirstOrDefault(found => found is not null);
            default:
                var (type, text) = (wanted.GetProperty("type").GetString(), wanted.GetProperty("value").GetString() ?? "");
                return IsSame(value, type, text) ? null : $"{path}: not the {type} {text}";
        }
    }

    private static bool IsSame(TomlValue value, string? type, string text) => (value, type) switch
    {
        (TomlString one, "string") => one.Value == text,
        (TomlInteger one, "integer") => one.Value == long.Parse(text, CultureInfo.InvariantCulture),
        (TomlBoolean one, "bool") => one.Value == bool.Parse(text),
        (TomlFloat one, "float") => one.Value.Equals(Number(text)),
        (TomlLocalDate one, "date-local") => one.Value == DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        (TomlLocalTime one, "time-local") => one.Value == TimeOnly.Parse(text, CultureInfo.InvariantCulture),
        (TomlLocalDateTime one, "datetime-local") => one.Value == DateTime.Parse(text, CultureInfo.InvariantCulture),
        (TomlOffsetDateTime one, "datetime") => new DateTimeOffset(one.Local, one.Offset) == DateTimeOffset.Parse(text, CultureInfo.InvariantCulture),
        _ => false,
    };

    private static double Number(string text) => text switch
    {
        "inf" or "+inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}

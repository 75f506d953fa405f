using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portunus.Shared.RuleFiles;

namespace Portunus.Shared.Json;

/// <summary>
/// One JSON object with known fields: hands them out with their types and tells of fields that nobody knows, that come twice
/// or that have the wrong type. <c>null</c> is the same as absent. The document must come from <see cref="JsonText"/>.
/// </summary>
public sealed partial class JsonFields
{
    private readonly Dictionary<string, JsonElement> _values = [];
    private readonly string _prefix;
    private readonly FieldProblems _problems;

    /// <param name="value">What should be an object.</param>
    /// <param name="known">Every field it may have.</param>
    /// <param name="problems">Where to tell what is wrong.</param>
    /// <param name="path">Of the object; empty for the whole text.</param>
    public JsonFields(JsonElement value, IReadOnlyList<string> known, FieldProblems problems, string path = "")
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(problems);
        (_prefix, _problems) = (path.Length == 0 ? "" : path + ".", problems);
        if (value.ValueKind != JsonValueKind.Object)
        {
            problems.AddLost("wrong_type", path, $"{(path.Length == 0 ? "The text" : path)} must be a JSON object; this is {Kind(value)}.");
            IsObject = false;
            return;
        }

        foreach (var property in value.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                TellUnknown(property.Name, known);
            }
            else if (!_values.TryAdd(property.Name, property.Value))
            {
                problems.AddLost("duplicate_field", _prefix + property.Name, $"{_prefix}{property.Name} is given twice.");
            }
        }
    }

    /// <summary>False where the text has something else in its place; then no field is there.</summary>
    public bool IsObject { get; } = true;

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => _values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>Whether the field is there, be it null.</summary>
    public bool Names(string name) => _values.ContainsKey(name);

    /// <summary>A string.</summary>
    public string? Text(string name) => Take(name, JsonValueKind.String, "a string") is { } value ? value.GetString() : null;

    /// <summary>A whole number.</summary>
    public long? Number(string name)
    {
        if (Take(name, JsonValueKind.Number, "a whole number") is not { } value)
        {
            return null;
        }

        if (value.TryGetInt64(out var number))
        {
            return number;
        }

        Wrong(name, "a whole number", value);
        return null;
    }

    /// <summary>True or false.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Wrong(name, "true or false", value);
        return null;
    }

    /// <summary>An instant with its offset from UTC (RFC 3339), <c>2027-01-01T00:00:00Z</c>; in UTC whatever the offset was.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant))
        {
            return instant.ToUniversalTime();
        }

        _problems.AddLost("instant_malformed", _prefix + name, $"{_prefix}{name} must be an instant such as 2027-01-01T00:00:00Z; this is \"{text}\".");
        return null;
    }

    /// <summary>A list of strings.</summary>
    public IReadOnlyList<string>? Texts(string name)
    {
        if (Take(name, JsonValueKind.Array, "an array of strings") is not { } array)
        {
            return null;
        }

        var texts = new List<string>(array.GetArrayLength());
        foreach (var entry in array.EnumerateArray())
        {
            if (entry.ValueKind == JsonValueKind.String)
            {
                texts.Add(entry.GetString() ?? "");
                continue;
            }

            Wrong($"{name}[{texts.Count}]", "a string", entry);
            // Keeps its place, so that the entries behind it are told of by their own numbers.
            texts.Add("");
        }

        return texts;
    }

    /// <summary>A list of strings, or one string for a list of one.</summary>
    public IReadOnlyList<string>? TextOrTexts(string name) =>
        Find(name) is { ValueKind: JsonValueKind.String } one ? [one.GetString() ?? ""] : Texts(name);

    /// <summary>An object in this one.</summary>
    public JsonFields? Object(string name, IReadOnlyList<string> known) =>
        Find(name) is { } value && new JsonFields(value, known, _problems, _prefix + name) is { IsObject: true } inside ? inside : null;

    /// <summary>A list of objects; the entries that are none have no field.</summary>
    public IReadOnlyList<JsonFields>? Objects(string name, IReadOnlyList<string> known, int most)
    {
        if (Take(name, JsonValueKind.Array, "an array of objects") is not { } array)
        {
            return null;
        }

        // One more than may be: enough for the check to see that there are too many.
        return [.. array.EnumerateArray().Take(most + 1).Select((entry, index) => new JsonFields(entry, known, _problems, $"{_prefix}{name}[{index}]"))];
    }

    private JsonElement? Find(string name) => Has(name) ? _values[name] : null;

    private JsonElement? Take(string name, JsonValueKind kind, string wanted)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == kind)
        {
            return value;
        }

        Wrong(name, wanted, value);
        return null;
    }

    private void Wrong(string name, string wanted, JsonElement value) =>
        _problems.AddLost("wrong_type", _prefix + name, $"{_prefix}{name} must be {wanted}; this is {Kind(value)}.");

    private void TellUnknown(string name, IReadOnlyList<string> known)
    {
        // Comparing names is slow where somebody sends thousands of them.
        var meant = _problems.IsFull ? null : NearestName.Find(name, known);
        if (meant is not null)
        {
            _problems.Lost.Lose(_prefix + meant);
        }

        _problems.Add("unknown_field", _prefix + name, $"{_prefix}{name} is not a known field{(meant is null ? "." : $"; did you mean {meant}?")}");
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "the number " + value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Rfc3339();
}

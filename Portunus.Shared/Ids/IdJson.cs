using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portunus.Shared.Ids;

/// <summary>Ids in JSON: their one spelling, as a string, also as the names of a map's entries.</summary>
/// <param name="tryParse">Reads the spelling.</param>
public abstract class IdJson<T>(IdJson<T>.Parse tryParse) : JsonConverter<T>
    where T : struct
{
    /// <summary>False where the text is not an id.</summary>
    public delegate bool Parse(string? text, out T id);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !tryParse(reader.GetString(), out var id))
        {
            throw new JsonException("An id is a string of 36 characters.");
        }

        return id;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.ToString());
    }

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        tryParse(reader.GetString(), out var id) ? id : throw new JsonException("An id is a string of 36 characters.");

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(value.ToString() ?? "");
    }
}

/// <summary>Of <see cref="RuleId"/>.</summary>
public sealed class RuleIdJson() : IdJson<RuleId>(RuleId.TryParse);

/// <summary>Of <see cref="EdgeId"/>.</summary>
public sealed class EdgeIdJson() : IdJson<EdgeId>(EdgeId.TryParse);

/// <summary>Of <see cref="AccountId"/>.</summary>
public sealed class AccountIdJson() : IdJson<AccountId>(AccountId.TryParse);

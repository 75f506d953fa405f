using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portunus.Shared.Json;

/// <summary>JSON carried along as it is, neither read nor written anew on the way.</summary>
/// <param name="Text">One JSON value.</param>
[JsonConverter(typeof(Converter))]
public sealed record RawJson(string Text)
{
    public override string ToString() => Text;

    /// <summary>Copies the text.</summary>
    public sealed class Converter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var value = JsonDocument.ParseValue(ref reader);
            return new RawJson(value.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
        {
            ArgumentNullException.ThrowIfNull(writer);
            ArgumentNullException.ThrowIfNull(value);
            writer.WriteRawValue(value.Text);
        }
    }
}

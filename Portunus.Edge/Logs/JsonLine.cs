using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Portunus.Edge.Options;

namespace Portunus.Edge.Logs;

/// <summary>An event for programs: one JSON object with <c>time</c>, <c>level</c>, <c>event</c>, <c>message</c> and the event's own values.</summary>
internal static class JsonLine
{
    // The relaxed encoder still escapes what ends a line; only letters beyond ASCII and quotes-in-HTML stay readable.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] s_ownNames = ["time", "level", "event", "message", "error", "label"];

    /// <param name="label">What the operator calls this edge; null leaves it out.</param>
    public static byte[] Of(in LogEvent logged, string? label)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            json.WriteString("time", logged.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", LogWords.Word(logged.Level));
            json.WriteString("event", logged.Name);
            if (label is not null)
            {
                json.WriteString("label", label);
            }

            json.WriteString("message", logged.Sentence);
            foreach (var (name, value) in logged.Values)
            {
                if (name != "{OriginalFormat}")
                {
                    Write(json, name, value);
                }
            }

            if (logged.Error is { } error)
            {
                json.WriteString("error", error.ToString());
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        name = SnakeCase.Of(name);
        if (s_ownNames.Contains(name))
        {
            name += "_";
        }

        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(name, number);
                break;
            case Enum word:
                json.WriteString(name, SnakeCase.Of(word.ToString()));
                break;
            case IFormattable formattable:
                json.WriteString(name, formattable.ToString(null, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Parsing;

namespace Portunus.Web.Shell;

/// <summary>One event on one line, times in UTC: a sentence for people, or one flat JSON object for programs.</summary>
internal sealed class LogLines(bool isJson) : ITextFormatter
{
    /// <summary>Said by the framework around every event; nobody asked for it.</summary>
    private static readonly HashSet<string> s_left = new(StringComparer.Ordinal)
    {
        Constants.SourceContextPropertyName, "EventId", "RequestId", "RequestPath", "ConnectionId", "SpanId", "TraceId", "ParentId", "request_id",
    };

    public void Format(LogEvent logEvent, TextWriter output)
    {
        if (isJson)
        {
            WriteJson(logEvent, output);
        }
        else
        {
            WriteText(logEvent, output);
        }
    }

    private static void WriteText(LogEvent one, TextWriter output)
    {
        output.Write(Time(one));
        output.Write(' ');
        output.Write(Word(one.Level).PadRight(5));
        output.Write(' ');
        // Whatever is in a value, an event stays on its line.
        output.Write(OneLine(Message(one)));
        if (Text(one, "request_id") is { } id)
        {
            output.Write($" [{id}]");
        }

        if (one.Exception is { } broken)
        {
            output.Write(" | ");
            output.Write(OneLine(broken.ToString()));
        }

        output.Write('\n');
    }

    private static void WriteJson(LogEvent one, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", Time(one));
            json.WriteString("level", Word(one.Level));
            json.WriteString("message", Message(one));
            if (one.Properties.TryGetValue("EventId", out var id) && id is StructureValue event_
                && event_.Properties.FirstOrDefault(part => part.Name == "Id")?.Value is ScalarValue { Value: int number })
            {
                json.WriteNumber("event", number);
            }

            if (Text(one, Constants.SourceContextPropertyName) is { } source)
            {
                json.WriteString("source", source);
            }

            if (Text(one, "request_id") is { } request)
            {
                json.WriteString("request_id", request);
            }

            foreach (var (name, value) in one.Properties)
            {
                if (!s_left.Contains(name))
                {
                    Write(json, JsonNamingPolicy.SnakeCaseLower.ConvertName(name), value);
                }
            }

            if (one.Exception is { } broken)
            {
                json.WriteString("exception", broken.ToString());
            }

            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(buffer.WrittenSpan));
        output.Write('\n');
    }

    private static void Write(Utf8JsonWriter json, string name, LogEventPropertyValue value)
    {
        switch (value)
        {
            case ScalarValue { Value: null }:
                json.WriteNull(name);
                break;
            case ScalarValue { Value: bool flag }:
                json.WriteBoolean(name, flag);
                break;
            case ScalarValue { Value: int or long or short or byte } number:
                json.WriteNumber(name, Convert.ToInt64(number.Value, CultureInfo.InvariantCulture));
                break;
            case ScalarValue { Value: string text }:
                json.WriteString(name, text);
                break;
            default:
                json.WriteString(name, value.ToString(null, CultureInfo.InvariantCulture));
                break;
        }
    }

    private static string? Text(LogEvent one, string name) => one.Properties.TryGetValue(name, out var value) && value is ScalarValue { Value: string text } ? text : null;

    /// <summary>The sentence with its values as they are; the library's own rendering puts every text into quotes.</summary>
    private static string Message(LogEvent one)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        foreach (var token in one.MessageTemplate.Tokens)
        {
            if (token is PropertyToken property && one.Properties.TryGetValue(property.PropertyName, out var value) && value is ScalarValue { Value: string plain })
            {
                text.Write(plain);
            }
            else
            {
                token.Render(one.Properties, text, CultureInfo.InvariantCulture);
            }
        }

        return text.ToString();
    }

    private static string Time(LogEvent one) => one.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warn",
        _ => "error",
    };

    private static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var line = new StringBuilder(text.Length);
        foreach (var one in text)
        {
            line.Append(one switch { '\n' => " \\n ", '\r' => "", _ when char.IsControl(one) => "?", _ => one.ToString() });
        }

        return line.ToString();
    }
}

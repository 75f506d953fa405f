using System.Globalization;
using System.Text;
using Portunus.Edge.Options;

namespace Portunus.Edge.Logs;

/// <summary>An event for people: time, level, name, sentence.</summary>
internal static class TextLine
{
    public static byte[] Of(in LogEvent logged)
    {
        var text = new StringBuilder(128);
        text.Append(logged.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        text.Append(' ').Append(LogWords.Word(logged.Level).PadRight(5)).Append(' ').Append(logged.Name).Append(": ");
        AppendOnOneLine(text, logged.Sentence);
        if (logged.Error is { } error)
        {
            text.Append(" | ");
            AppendOnOneLine(text, error.ToString());
        }

        text.Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Names come from files and from the network: whatever they hold, an event stays one line and colours nothing.</summary>
    private static void AppendOnOneLine(StringBuilder text, string value)
    {
        foreach (var letter in value)
        {
            if (!char.IsControl(letter))
            {
                text.Append(letter);
            }
            else if (letter == '\n')
            {
                text.Append("\\n");
            }
            else if (letter != '\r')
            {
                text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
        }
    }
}

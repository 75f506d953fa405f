using System.Globalization;
using System.Text;

namespace Portunus.Shared.Toml;

/// <summary>The four kinds of strings: basic with escapes, literal without, each on one line or on many.</summary>
internal static class TomlStrings
{
    /// <summary>Reads the string whose opening quote is at the cursor; null after an error.</summary>
    public static string? Read(TomlScanner scanner)
    {
        var quote = (char)scanner.Peek();
        return scanner.Peek(1) == quote && scanner.Peek(2) == quote ? ReadLines(scanner, quote) : ReadLine(scanner);
    }

    /// <summary>Reads a string of one line, as a key must be; null after an error.</summary>
    public static string? ReadLine(TomlScanner scanner)
    {
        var quote = (char)scanner.Peek();
        scanner.Skip();
        var text = new StringBuilder();
        while (!scanner.TryTake(quote))
        {
            if (scanner.Peek() == TomlScanner.End || scanner.IsNewline)
            {
                scanner.Fail($"Expected {quote} to close the string; found {scanner.Found()}.");
                return null;
            }

            if (!ReadOne(scanner, quote, text))
            {
                return null;
            }
        }

        return text.ToString();
    }

    private static string? ReadLines(TomlScanner scanner, char quote)
    {
        var opened = scanner.Place;
        for (var i = 0; i < 3; i++)
        {
            scanner.Skip();
        }

        scanner.TryTakeNewline();
        var text = new StringBuilder();
        while (scanner.Peek() != TomlScanner.End)
        {
            if (scanner.Peek() == quote)
            {
                // One or two quotes are text, also right before the three that close.
                var quotes = 0;
                while (quotes < 5 && scanner.TryTake(quote))
                {
                    quotes++;
                }

                text.Append(quote, quotes < 3 ? quotes : quotes - 3);
                if (quotes >= 3)
                {
                    return text.ToString();
                }
            }
            else if (scanner.IsNewline)
            {
                text.Append(scanner.Peek() == '\r' ? "\r\n" : "\n");
                scanner.TryTakeNewline();
            }
            else if (!(quote == '"' && SkipEscapedNewline(scanner)) && !ReadOne(scanner, quote, text))
            {
                return null;
            }
        }

        scanner.Fail($"Expected {quote}{quote}{quote} to close the string that begins here; the file ends first.", opened);
        return null;
    }

    /// <summary>A backslash at the end of a line swallows everything up to the next character that is no blank.</summary>
    private static bool SkipEscapedNewline(TomlScanner scanner)
    {
        if (scanner.Peek() != '\\')
        {
            return false;
        }

        var ahead = 1;
        while (scanner.Peek(ahead) is ' ' or '\t')
        {
            ahead++;
        }

        if (scanner.Peek(ahead) != '\n' && (scanner.Peek(ahead) != '\r' || scanner.Peek(ahead + 1) != '\n'))
        {
            return false;
        }

        scanner.Skip();
        do
        {
            scanner.SkipBlanks();
        }
        while (scanner.TryTakeNewline());
        return true;
    }

    private static bool ReadOne(TomlScanner scanner, char quote, StringBuilder text)
    {
        var next = scanner.Peek();
        if (TomlScanner.IsForbidden(next))
        {
            return scanner.Fail($"Expected printable text; {scanner.Found()} must be written as an escape such as \\u{next:X4} in a \"string\".");
        }

        if (next == '\\' && quote == '"')
        {
            return ReadEscape(scanner, text);
        }

        text.Append((char)next);
        scanner.Skip();
        return true;
    }

    private static bool ReadEscape(TomlScanner scanner, StringBuilder text)
    {
        var place = scanner.Place;
        scanner.Skip();
        var letter = scanner.Peek();
        if (letter is 'u' or 'U')
        {
            scanner.Skip();
            return ReadScalarValue(scanner, letter == 'u' ? 4 : 8, place, text);
        }

        var meant = letter switch
        {
            'b' => '\b',
            't' => '\t',
            'n' => '\n',
            'f' => '\f',
            'r' => '\r',
            '"' => '"',
            '\\' => '\\',
            _ => '\0',
        };
        if (meant == '\0')
        {
            return scanner.Fail(@"Expected one of \b \t \n \f \r \"" \\ \uXXXX \UXXXXXXXX; a backslash as text is written \\ or in a 'string'.", place);
        }

        scanner.Skip();
        text.Append(meant);
        return true;
    }

    private static bool ReadScalarValue(TomlScanner scanner, int digits, TomlPlace place, StringBuilder text)
    {
        var value = 0u;
        for (var i = 0; i < digits; i++)
        {
            var digit = scanner.Peek();
            if (digit == TomlScanner.End || !char.IsAsciiHexDigit((char)digit))
            {
                return scanner.Fail($"Expected {digits} hex digits in the escape; found {scanner.Found()}.");
            }

            value = (value << 4) | uint.Parse([(char)digit], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            scanner.Skip();
        }

        if (!Rune.TryCreate(value, out var rune))
        {
            return scanner.Fail($"Expected a Unicode scalar value in the escape; U+{value:X4} is none.", place);
        }

        text.Append(rune.ToString());
        return true;
    }
}

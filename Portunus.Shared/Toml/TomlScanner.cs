using System.Globalization;
using System.Text;

namespace Portunus.Shared.Toml;

/// <summary>The cursor over the text: characters, blanks, comments and ends of lines.</summary>
internal sealed class TomlScanner(string text, List<TomlError> errors)
{
    /// <summary>What <see cref="Peek"/> answers beyond the last character.</summary>
    public const int End = -1;

    private int _position;
    private int _line = 1;
    private int _lineStart;
    private int _lowSurrogates;

    public TomlPlace Place => new(_line, _position - _lineStart - _lowSurrogates + 1);

    /// <summary>The UTF-16 unit so many places ahead, or <see cref="End"/>.</summary>
    public int Peek(int ahead = 0) => _position + ahead < text.Length ? text[_position + ahead] : End;

    /// <summary>Steps over one UTF-16 unit, which must be there.</summary>
    public void Skip()
    {
        var passed = text[_position++];
        if (passed == '\n')
        {
            _line++;
            _lineStart = _position;
            _lowSurrogates = 0;
        }
        else if (char.IsLowSurrogate(passed))
        {
            _lowSurrogates++;
        }
    }

    public bool TryTake(char wanted)
    {
        if (Peek() != wanted)
        {
            return false;
        }

        Skip();
        return true;
    }

    /// <summary>Takes LF or CR LF.</summary>
    public bool TryTakeNewline()
    {
        if (!IsNewline)
        {
            return false;
        }

        TryTake('\r');
        Skip();
        return true;
    }

    public bool IsNewline => Peek() == '\n' || (Peek() == '\r' && Peek(1) == '\n');

    /// <summary>Takes the longest run of letters, digits and the given signs (ASCII only).</summary>
    public string TakeWord(string signs)
    {
        var start = _position;
        while (Peek() is var next && next != End && (char.IsAsciiLetterOrDigit((char)next) || signs.Contains((char)next)))
        {
            Skip();
        }

        return text[start.._position];
    }

    public void SkipBlanks()
    {
        while (Peek() is ' ' or '\t')
        {
            Skip();
        }
    }

    /// <summary>Steps over blanks, comments and ends of lines; false after an error in a comment.</summary>
    public bool SkipBlankLines()
    {
        do
        {
            SkipBlanks();
            if (!SkipComment())
            {
                return false;
            }
        }
        while (TryTakeNewline());
        return true;
    }

    /// <summary>Asks for the end of the line, a comment before it allowed; false after an error.</summary>
    public bool EndLine()
    {
        SkipBlanks();
        if (!SkipComment())
        {
            return false;
        }

        return Peek() == End || TryTakeNewline() || Fail($"Expected the end of the line; found {Found()}.");
    }

    public void SkipLine()
    {
        while (Peek() != End && !TryTake('\n'))
        {
            Skip();
        }
    }

    /// <summary>
    /// Goes to the next line that looks like a header or a key with its value. After an error inside an array there is
    /// no telling where the array was meant to end; its own lines seldom look like that.
    /// </summary>
    public void SkipToStatement()
    {
        do
        {
            SkipLine();
            SkipBlanks();
        }
        while (Peek() != End && !LooksLikeStatement());
    }

    /// <summary>Keeps an error at the cursor. Always false, so that a reader can end with it.</summary>
    public bool Fail(string sentence) => Fail(sentence, Place);

    public bool Fail(string sentence, TomlPlace place)
    {
        if (errors.Count < TomlReader.MaxErrors)
        {
            errors.Add(new TomlError(sentence, place));
        }

        return false;
    }

    /// <summary>What stands at the cursor, for sentences.</summary>
    public string Found()
    {
        if (Peek() == End)
        {
            return "the end of the file";
        }

        if (IsNewline)
        {
            return "the end of the line";
        }

        Rune.TryGetRuneAt(text, _position, out var rune);
        return Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format
            ? $"the character U+{rune.Value:X4}"
            : rune.ToString();
    }

    /// <summary>Whether a character may not stand in a comment or string: all controls but the tab.</summary>
    public static bool IsForbidden(int one) => one is (>= 0 and < ' ' and not '\t') or 0x7F;

    private bool SkipComment()
    {
        if (Peek() == '#')
        {
            while (Peek() != End && !IsNewline)
            {
                if (IsForbidden(Peek()))
                {
                    return Fail($"Expected only printable text in a comment; found {Found()}.");
                }

                Skip();
            }
        }

        return true;
    }

    private bool LooksLikeStatement()
    {
        var ahead = 0;
        while (Peek(ahead) is var next && next != End && (char.IsAsciiLetterOrDigit((char)next) || next is '_' or '-' or '.'))
        {
            ahead++;
        }

        var hasKey = ahead > 0;
        while (Peek(ahead) is ' ' or '\t')
        {
            ahead++;
        }

        return Peek() == '[' || (hasKey && Peek(ahead) == '=');
    }
}

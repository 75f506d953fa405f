using System.Globalization;
using System.Text;

namespace Portunus.Edge.Stats.View;

/// <summary>
/// Text as it may go to a terminal. A rule's name is free text: an escape sequence in it could move the cursor, set the
/// window's title or type for the reader, and a character that turns the writing direction could hide what follows. Whatever
/// does not stand still in its own cells is shown as a question mark.
/// </summary>
internal static class CellText
{
    /// <summary>Only characters that take one or two cells and do nothing else.</summary>
    public static string Clean(string text)
    {
        if (text.All(one => one is >= ' ' and <= '~'))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(IsQuiet(rune) ? rune.ToString() : "?");
        }

        return clean.ToString();
    }

    /// <summary>Cells of text that has been cleaned.</summary>
    public static int Width(string clean)
    {
        var cells = 0;
        foreach (var rune in clean.EnumerateRunes())
        {
            cells += CellsOf(rune);
        }

        return cells;
    }

    /// <summary>Exactly <paramref name="width"/> cells of cleaned text: filled with spaces, or cut with an ellipsis.</summary>
    public static string Fit(string clean, int width, bool right = false)
    {
        var cells = Width(clean);
        if (cells <= width)
        {
            var fill = new string(' ', width - cells);
            return right ? fill + clean : clean + fill;
        }

        if (width <= 0)
        {
            return "";
        }

        var cut = new StringBuilder();
        var used = 0;
        foreach (var rune in clean.EnumerateRunes())
        {
            if (used + CellsOf(rune) > width - 1)
            {
                break;
            }

            cut.Append(rune.ToString());
            used += CellsOf(rune);
        }

        return cut.Append('…').Append(' ', width - 1 - used).ToString();
    }

    private static bool IsQuiet(Rune rune)
    {
        // Blocks and lines that we draw ourselves; the other symbols are where terminals disagree about widths.
        if (rune.Value is >= 0x2500 and <= 0x259F)
        {
            return true;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter => true,
            UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter => true,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => true,
            UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OtherPunctuation => true,
            UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation => true,
            UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation => true,
            UnicodeCategory.CurrencySymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.MathSymbol => true,
            _ => rune.Value == ' ',
        };
    }

    /// <summary>Wide and full-width ranges of UAX #11, by block.</summary>
    private static int CellsOf(Rune rune) => rune.Value switch
    {
        < 0x1100 => 1,
        <= 0x115F => 2,
        >= 0x2E80 and <= 0x303E => 2,
        >= 0x3041 and <= 0xA4CF => 2,
        >= 0xA960 and <= 0xA97F => 2,
        >= 0xAC00 and <= 0xD7A3 => 2,
        >= 0xF900 and <= 0xFAFF => 2,
        >= 0xFE30 and <= 0xFE6F => 2,
        >= 0xFF00 and <= 0xFF60 => 2,
        >= 0xFFE0 and <= 0xFFE6 => 2,
        >= 0x16FE0 and <= 0x18CFF => 2,
        >= 0x1B000 and <= 0x1B2FF => 2,
        >= 0x20000 and <= 0x3FFFD => 2,
        _ => 1,
    };
}

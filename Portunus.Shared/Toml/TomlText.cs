using System.Text;

namespace Portunus.Shared.Toml;

/// <summary>Foreign text in sentences.</summary>
internal static class TomlText
{
    private const int MaxShown = 60;

    /// <summary>In quotes, on one line, without control characters, and not longer than a reader's patience.</summary>
    public static string Quoted(string text)
    {
        var shown = new StringBuilder("\"");
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count++ == MaxShown)
            {
                shown.Append('…');
                break;
            }

            shown.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:X4}" : rune.ToString());
        }

        return shown.Append('"').ToString();
    }
}

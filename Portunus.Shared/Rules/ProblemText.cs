using System.Text;

namespace Portunus.Shared.Rules;

/// <summary>Foreign text in the sentences and paths of problems.</summary>
internal static class ProblemText
{
    private const int MaxLength = 400;

    /// <summary>The text, cut to a bearable length and without control characters, so that it cannot steer a terminal.</summary>
    public static string Shown(string text)
    {
        if (text.Length <= MaxLength && !text.Any(char.IsControl))
        {
            return text;
        }

        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MaxLength)
            {
                return shown.Append('…').ToString();
            }

            shown.Append(Rune.IsControl(rune) ? $"\\u{rune.Value:X4}" : rune.ToString());
        }

        return shown.ToString();
    }
}

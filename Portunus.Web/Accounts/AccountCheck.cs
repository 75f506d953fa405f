using System.Text.RegularExpressions;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>What names of accounts must be.</summary>
internal static partial class AccountCheck
{
    private const int MaxDisplayLength = 64;

    /// <summary>They stand in the audit log for the program itself and its command line.</summary>
    private static readonly string[] s_reserved = ["local", "system"];

    public static void Name(string? name, List<Problem> problems)
    {
        if (string.IsNullOrEmpty(name))
        {
            problems.Add(new Problem("name_missing", "name", "A name is needed."));
        }
        else if (!NameShape().IsMatch(name))
        {
            problems.Add(new Problem("name_shape", "name", "name must have 1 to 32 characters: a lower-case letter, then lower-case letters, digits, - and _."));
        }
        else if (s_reserved.Contains(name))
        {
            problems.Add(new Problem("name_reserved", "name", $"{name} is the program's own name in the audit log."));
        }
    }

    public static void DisplayName(string? name, List<Problem> problems)
    {
        if (name is null)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(name) || name.EnumerateRunes().Count() > MaxDisplayLength)
        {
            problems.Add(new Problem("display_name_length", "display_name", $"display_name must have 1 to {MaxDisplayLength} characters, not blanks only."));
        }
        else if (name.Any(char.IsControl))
        {
            problems.Add(new Problem("display_name_character", "display_name", "display_name must not contain control characters."));
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9_-]{0,31}\z")]
    private static partial Regex NameShape();
}

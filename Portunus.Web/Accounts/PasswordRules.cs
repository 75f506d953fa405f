using System.Globalization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>
/// What a password must be: long, and not one that everybody tries first. No other demands (NIST SP 800-63B, 5.1.1.2): they make
/// passwords worse.
/// </summary>
internal static class PasswordRules
{
    /// <summary>In characters as people count them.</summary>
    public const int MinLength = 12;

    /// <summary>In UTF-16 units; beyond it hashing costs more than anybody gains.</summary>
    public const int MaxLength = 256;

    /// <summary>Every reason against it.</summary>
    /// <param name="password">As typed.</param>
    /// <param name="name">Of its account.</param>
    /// <param name="field">As the request spells it.</param>
    public static List<Problem> Check(string? password, string name, string field = "password")
    {
        var problems = new List<Problem>();
        if (string.IsNullOrEmpty(password))
        {
            problems.Add(new Problem("password_missing", field, "A password is needed."));
            return problems;
        }

        if (new StringInfo(password).LengthInTextElements < MinLength)
        {
            problems.Add(new Problem("password_too_short", field, $"The password must have at least {MinLength} characters."));
        }

        if (password.Length > MaxLength)
        {
            problems.Add(new Problem("password_too_long", field, $"The password must have at most {MaxLength} characters."));
        }

        if (password.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add(new Problem("password_character", field, "The password must not contain a null character."));
        }

        if (problems.Count == 0 && CommonPasswords.Has(password, name))
        {
            problems.Add(new Problem("password_common", field, "The password is one of those that are tried first; choose something less common."));
        }

        return problems;
    }
}

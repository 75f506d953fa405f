using System.Text;

namespace Portunus.Web.Accounts;

/// <summary>
/// Passwords that are tried first. Lists of leaked ones are short before twelve characters and repeat few words after it, with
/// digits and signs around them and letters written as digits: so the words are taken away, and what is left must still be
/// something to guess.
/// </summary>
internal static class CommonPasswords
{
    /// <summary>With fewer characters than this beside common words and runs, a password is as good as common.</summary>
    private const int MinRest = 4;

    /// <summary>So many characters in a row on a keyboard, in the alphabet or the same count as none.</summary>
    private const int MinRun = 4;

    private static readonly string[] s_words =
    [
        "administrator", "administration", "welcome", "password", "passwort", "passw", "passphrase", "changeme", "changeit", "letmein", "iloveyou", "loveyou", "portunus",
        "superadmin", "superuser", "admin", "root", "default", "secret", "master", "monkey", "dragon", "football", "baseball", "basketball", "soccer", "hockey",
        "princess", "sunshine", "shadow", "michael", "jennifer", "jessica", "ashley", "charlie", "thomas", "andrew", "daniel", "matthew", "joshua", "jordan",
        "superman", "batman", "spiderman", "pokemon", "starwars", "trustno", "whatever", "computer", "internet", "server", "network", "system", "security",
        "summer", "winter", "spring", "autumn", "january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "qwerty", "qwertz", "azerty", "login", "user", "guest", "test", "temp",
        "example", "sample", "hello", "freedom", "flower", "butterfly", "chocolate", "cheese", "cookie", "corvette", "mustang", "ferrari", "porsche", "harley",
        "liverpool", "chelsea", "arsenal", "barcelona", "realmadrid", "manchester", "london", "newyork", "america", "england", "germany", "france", "canada",
        "correcthorsebatterystaple", "thequickbrownfox", "jumpsoverthelazydog", "my", "the", "is", "new", "company", "proxy", "database", "postgres", "mysql",
        "cisco", "ubuntu", "debian", "linux", "windows", "microsoft", "google", "facebook", "apple", "samsung", "access", "killer", "hunter", "ranger", "jesus",
        "angel", "baby", "family", "happy", "lucky", "money", "love", "god", "sex", "fuck", "shit", "hunter", "maggie", "buster", "ginger", "pepper", "zxcvbn",
    ];

    private static readonly string[] s_rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "azertyuiop", "qazwsxedcrfvtgbyhnujmikolp", "1q2w3e4r5t6y7u8i9o0p"];

    /// <param name="password">As typed.</param>
    /// <param name="name">Of its account, which is common knowledge as well.</param>
    public static bool Has(string password, string name)
    {
        var typed = Bare(password);
        return IsPoor(typed, name) || IsPoor(AsLetters(password), name);
    }

    private static bool IsPoor(string text, string name)
    {
        var rest = text;
        if (name.Length >= 3)
        {
            rest = rest.Replace(name, "", StringComparison.Ordinal);
        }

        foreach (var word in s_words.OrderByDescending(word => word.Length))
        {
            rest = rest.Replace(word, "", StringComparison.Ordinal);
        }

        rest = WithoutRuns(rest);
        // A year or a number after a word is what everybody adds; letters that repeat are one letter.
        return rest.Trim("0123456789".ToCharArray()).Distinct().Count() < MinRest || Period(text) <= MinRest;
    }

    /// <summary>Lower case, letters and digits only.</summary>
    private static string Bare(string text) => new([.. text.ToLowerInvariant().Where(char.IsLetterOrDigit)]);

    /// <summary>Digits and signs read as the letters they stand for, but for those at the end, which stand for nothing.</summary>
    private static string AsLetters(string text)
    {
        var letters = new StringBuilder(text.Length);
        var end = text.Length;
        while (end > 0 && !char.IsLetter(text[end - 1]))
        {
            end--;
        }

        foreach (var one in text[..end].ToLowerInvariant())
        {
            letters.Append(one switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', '8' => 'b', _ => one });
        }

        return Bare(letters.ToString());
    }

    private static string WithoutRuns(string text)
    {
        var rest = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = RunAt(text, at);
            if (length >= MinRun)
            {
                at += length;
            }
            else
            {
                rest.Append(text[at++]);
            }
        }

        return rest.ToString();
    }

    private static int RunAt(string text, int at)
    {
        var longest = 1;
        while (at + longest < text.Length && text[at + longest] == text[at])
        {
            longest++;
        }

        foreach (var row in s_rows)
        {
            longest = Math.Max(longest, Math.Max(Along(text, at, row, 1), Along(text, at, row, -1)));
        }

        return longest;
    }

    private static int Along(string text, int at, string row, int step)
    {
        var place = row.IndexOf(text[at], StringComparison.Ordinal);
        if (place < 0)
        {
            return 0;
        }

        var length = 1;
        while (at + length < text.Length && place + (step * length) is var next && next >= 0 && next < row.Length && row[next] == text[at + length])
        {
            length++;
        }

        return length;
    }

    /// <summary>After how many characters the text begins anew; its length when it does not.</summary>
    private static int Period(string text)
    {
        for (var period = 1; period <= text.Length / 2; period++)
        {
            if (Enumerable.Range(0, text.Length - period).All(i => text[i] == text[i + period]))
            {
                return period;
            }
        }

        return text.Length;
    }
}

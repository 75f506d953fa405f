using System.Globalization;
using System.Text.RegularExpressions;

namespace Portunus.Shared.Toml;

/// <summary>Values that are one word: booleans, numbers, dates and times.</summary>
internal static partial class TomlScalars
{
    /// <summary>Signs that such a word may hold besides letters and digits.</summary>
    public const string Signs = "+-_.:";

    /// <summary>Reads the word, or says in a sentence what is wrong with it.</summary>
    public static TomlValue? Read(string word, TomlPlace place, out string fault)
    {
        fault = "";
        switch (word)
        {
            case "true":
                return new TomlBoolean(true, place);
            case "false":
                return new TomlBoolean(false, place);
            case "inf" or "+inf":
                return new TomlFloat(double.PositiveInfinity, place);
            case "-inf":
                return new TomlFloat(double.NegativeInfinity, place);
            case "nan" or "+nan" or "-nan":
                return new TomlFloat(double.NaN, place);
        }

        if (Decimal().IsMatch(word) || Prefixed().IsMatch(word))
        {
            return Integer(word, place, out fault);
        }

        if (Float().IsMatch(word))
        {
            return new TomlFloat(double.Parse(Plain(word), NumberStyles.Float, CultureInfo.InvariantCulture), place);
        }

        if (TomlDates.LooksLikeOne(word))
        {
            return TomlDates.Read(word, place, out fault);
        }

        fault = Why(word);
        return null;
    }

    private static TomlInteger? Integer(string word, TomlPlace place, out string fault)
    {
        var plain = Plain(word);
        var number = plain switch
        {
            ['0', 'x', .. var hex] => FromBase(hex, 4),
            ['0', 'o', .. var octal] => FromBase(octal, 3),
            ['0', 'b', .. var binary] => FromBase(binary, 1),
            _ => long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : (long?)null,
        };
        fault = number is null ? $"Expected an integer that fits into 64 bits; {Shown(word)} does not." : "";
        return number is { } fits ? new TomlInteger(fits, place) : null;
    }

    private static long? FromBase(string digits, int bits)
    {
        var value = 0L;
        foreach (var digit in digits)
        {
            if (value >> (63 - bits) != 0)
            {
                return null;
            }

            value = (value << bits) | (uint)(char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10);
        }

        return value;
    }

    private static string Why(string word)
    {
        if (word.Equals("true", StringComparison.OrdinalIgnoreCase) || word.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            return $"Expected true or false in lower case; found {word}.";
        }

        if (LeadingZero().IsMatch(word))
        {
            return $"Expected a number without leading zeros; found {Shown(word)}.";
        }

        return char.IsAsciiLetter(word[0])
            ? $"Expected a value; {Shown(word)} needs quotes if it is text."
            : $"Expected a number, a date or a time; {Shown(word)} is none.";
    }

    private static string Shown(string word) => word.Length <= 40 ? word : word[..40] + "…";

    private static string Plain(string word) => word.Replace("_", "", StringComparison.Ordinal);

    [GeneratedRegex("^[+-]?(?:0|[1-9](?:_?[0-9])*)$")]
    private static partial Regex Decimal();

    [GeneratedRegex("^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$")]
    private static partial Regex Prefixed();

    [GeneratedRegex(@"^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?$")]
    private static partial Regex Float();

    [GeneratedRegex("^[+-]?0[0-9_]+$")]
    private static partial Regex LeadingZero();
}

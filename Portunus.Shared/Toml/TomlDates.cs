using System.Globalization;
using System.Text.RegularExpressions;

namespace Portunus.Shared.Toml;

/// <summary>Dates and times as RFC 3339 writes them. Second 60 and year 0 are refused: .NET has no value for them.</summary>
internal static partial class TomlDates
{
    /// <summary>Whether a word begins like a date or a time of day.</summary>
    public static bool LooksLikeOne(string word) => Beginning().IsMatch(word);

    /// <summary>Whether a word is a date alone, so that a time may follow after a space.</summary>
    public static bool IsDate(string word) => word.Length == 10 && Beginning().IsMatch(word) && word[4] == '-' && word[7] == '-';

    /// <summary>Reads the word, or says in a sentence what is wrong with it.</summary>
    public static TomlValue? Read(string word, TomlPlace place, out string fault)
    {
        var match = Whole().Match(word);
        var (hasDate, hasTime, hasOffset) = (match.Groups["year"].Success, match.Groups["hour"].Success, match.Groups["zone"].Success);
        if (!match.Success || (hasDate && hasTime) != match.Groups["t"].Success || (hasOffset && !(hasDate && hasTime)))
        {
            fault = "Expected a date as 1979-05-27, a time as 07:32:00, or both with T between them and perhaps Z or an offset as +01:00 at the end.";
            return null;
        }

        var date = DateOnly.MinValue;
        if (hasDate && !TryDate(match, out date))
        {
            fault = $"Expected a day that exists; {match.Groups["date"].Value} does not.";
            return null;
        }

        var time = TimeOnly.MinValue;
        if (hasTime && !TryTime(match, out time))
        {
            fault = $"Expected a time between 00:00:00 and 23:59:59; found {match.Groups["time"].Value}.";
            return null;
        }

        if (!TryOffset(match, out var offset))
        {
            fault = $"Expected an offset between 00:00 and 23:59; found {match.Groups["zone"].Value}.";
            return null;
        }

        fault = "";
        return (hasDate, hasTime, hasOffset) switch
        {
            (true, false, _) => new TomlLocalDate(date, place),
            (false, _, _) => new TomlLocalTime(time, place),
            (_, _, true) => new TomlOffsetDateTime(date.ToDateTime(time), offset, place),
            _ => new TomlLocalDateTime(date.ToDateTime(time), place),
        };
    }

    private static bool TryDate(Match match, out DateOnly date)
    {
        var (year, month, day) = (Number(match, "year"), Number(match, "month"), Number(match, "day"));
        var exists = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        date = exists ? new DateOnly(year, month, day) : default;
        return exists;
    }

    private static bool TryTime(Match match, out TimeOnly time)
    {
        var (hour, minute, second) = (Number(match, "hour"), Number(match, "minute"), Number(match, "second"));
        var exists = hour <= 23 && minute <= 59 && second <= 59;
        // RFC 3339 sets no limit to the digits; those beyond 100 ns are cut, as TOML asks.
        var fraction = match.Groups["fraction"].Value;
        var ticks = long.Parse(fraction.PadRight(7, '0')[..7], CultureInfo.InvariantCulture);
        time = exists ? new TimeOnly(hour, minute, second).Add(TimeSpan.FromTicks(ticks)) : default;
        return exists;
    }

    private static bool TryOffset(Match match, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (!match.Groups["sign"].Success)
        {
            return true;
        }

        var (hours, minutes) = (Number(match, "zoneHour"), Number(match, "zoneMinute"));
        offset = new TimeSpan(hours, minutes, 0) * (match.Groups["sign"].Value == "-" ? -1 : 1);
        return hours <= 23 && minutes <= 59;
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?:[0-9]{4}-|[0-9]{2}:)")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"^(?<date>(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2}))?(?<t>[Tt ])?"
        + @"(?<time>(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]+))?)?"
        + @"(?<zone>[Zz]|(?<sign>[+-])(?<zoneHour>[0-9]{2}):(?<zoneMinute>[0-9]{2}))?$")]
    private static partial Regex Whole();
}

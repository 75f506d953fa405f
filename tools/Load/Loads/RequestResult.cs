using System.Globalization;
using System.Text.RegularExpressions;

namespace Portunus.Load.Loads;

/// <summary>What wrk printed.</summary>
/// <param name="Requests">Requests answered.</param>
/// <param name="PerSecond">Their rate.</param>
/// <param name="P99Ms">99 of 100 were answered within this many milliseconds.</param>
/// <param name="Errors">Connections refused, broken or timed out, and answers other than 2xx.</param>
internal sealed partial record RequestResult(long Requests, double PerSecond, double P99Ms, long Errors)
{
    public static RequestResult Parse(string text)
    {
        var total = Total().Match(text);
        var rate = Rate().Match(text);
        var late = Late().Match(text);
        if (!total.Success || !rate.Success || !late.Success)
        {
            throw new FormatException($"wrk printed something unexpected:\n{text}");
        }

        var scale = late.Groups[2].Value switch { "us" => 0.001, "ms" => 1.0, "s" => 1000.0, _ => 60_000.0 };
        var errors = SocketErrors().Match(text) is { Success: true } broken
            ? broken.Groups.Values.Skip(1).Sum(group => long.Parse(group.Value, CultureInfo.InvariantCulture))
            : 0;
        errors += BadAnswers().Match(text) is { Success: true } bad ? long.Parse(bad.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        return new RequestResult(long.Parse(total.Groups[1].Value, CultureInfo.InvariantCulture), Number(rate), Number(late) * scale, errors);
    }

    private static double Number(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) requests in ")]
    private static partial Regex Total();

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();

    [GeneratedRegex(@"99%\s+([\d.]+)(us|ms|s|m)")]
    private static partial Regex Late();

    [GeneratedRegex(@"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")]
    private static partial Regex SocketErrors();

    [GeneratedRegex(@"Non-2xx or 3xx responses: (\d+)")]
    private static partial Regex BadAnswers();
}

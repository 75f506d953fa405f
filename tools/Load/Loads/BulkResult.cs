using System.Text.Json;

namespace Portunus.Load.Loads;

/// <summary>What iperf3's receiver counted.</summary>
/// <param name="Bytes">All bytes received.</param>
/// <param name="BitsPerSecond">Over the receiver's own time.</param>
/// <param name="Intervals">End of each interval in seconds, and its bytes.</param>
internal sealed record BulkResult(double Bytes, double BitsPerSecond, IReadOnlyList<(double Start, double End, double Bytes)> Intervals)
{
    public double GiB => Bytes / (1L << 30);

    /// <summary>Reads the JSON of <c>iperf3 -s -J</c>.</summary>
    public static BulkResult Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.TryGetProperty("error", out var error))
        {
            throw new InvalidOperationException($"iperf3: {error.GetString()}");
        }

        var sum = root.GetProperty("end").GetProperty("sum_received");
        var intervals = root.GetProperty("intervals").EnumerateArray().Select(interval => interval.GetProperty("sum"))
            .Select(one => (one.GetProperty("start").GetDouble(), one.GetProperty("end").GetDouble(), one.GetProperty("bytes").GetDouble()));
        return new BulkResult(sum.GetProperty("bytes").GetDouble(), sum.GetProperty("bits_per_second").GetDouble(), [.. intervals]);
    }

    /// <summary>The reason iperf3 gave, or nothing.</summary>
    public static string Error(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("error", out var error) ? error.GetString() + " " : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>Bytes per second over the whole intervals that begin at or after <paramref name="from"/> seconds and last at least half a second.</summary>
    public double RateFrom(double from)
    {
        var chosen = Intervals.Where(one => one.Start >= from - 0.01 && one.End - one.Start >= 0.5).ToArray();
        return chosen.Length == 0 ? 0 : chosen.Sum(one => one.Bytes) / chosen.Sum(one => one.End - one.Start);
    }
}

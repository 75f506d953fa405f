namespace Portunus.Load.Results;

/// <summary>The middle of some readings and how far they lie apart.</summary>
internal readonly record struct Spread(double Median, double Low, double High)
{
    /// <summary>Of at least one reading; of an even number the mean of the middle two.</summary>
    public static Spread Of(IEnumerable<double> readings)
    {
        var sorted = readings.Order().ToArray();
        if (sorted.Length == 0)
        {
            throw new ArgumentException("no readings", nameof(readings));
        }

        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }

    /// <summary>As tables show it: the median, and the range in brackets when there is one.</summary>
    public string Text(string format) => Low == High
        ? Median.ToString(format)
        : $"{Median.ToString(format)} ({Low.ToString(format)}–{High.ToString(format)})";
}

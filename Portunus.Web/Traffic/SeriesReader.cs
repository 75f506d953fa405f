namespace Portunus.Web.Traffic;

/// <summary>Rings → what is answered: rates of whole seconds and minutes, up to the newest that every look has told of.</summary>
internal static class SeriesReader
{
    /// <summary>Looks come once a second, each from another moment of it, and tell of the second before: younger seconds are not whole.</summary>
    private const int Unsettled = 2;

    public static TrafficRates Rates(TrafficRing ring, double now, bool isRule)
    {
        double? Of(int field) => isRule ? null : Math.Round(ring.Rate(field, now), 1);
        return new TrafficRates(
            (long)Math.Round(ring.Rate(TrafficAmounts.BytesIn, now)), (long)Math.Round(ring.Rate(TrafficAmounts.BytesOut, now)),
            Of(TrafficAmounts.Flows), Of(TrafficAmounts.DatagramsIn), Of(TrafficAmounts.DatagramsOut));
    }

    public static TrafficRates Sum(TrafficRates one, TrafficRates other) => new(
        one.BytesPerSecondIn + other.BytesPerSecondIn, one.BytesPerSecondOut + other.BytesPerSecondOut, null, null, null);

    /// <param name="rings">Summed up.</param>
    /// <param name="told">Of the edge, where times of which it told nothing are null; null where 0 is 0.</param>
    /// <param name="now">Seconds since 1970.</param>
    public static TrafficSeries Seconds(IReadOnlyCollection<TrafficRing> rings, TrafficRing? told, double now)
    {
        var first = (long)Math.Floor(now) - Unsettled - TrafficRing.Seconds + 1;
        return Read(1, first, TrafficRing.Seconds, rings, told, static (ring, field, first, into) => ring.ReadSeconds(field, first, into));
    }

    /// <inheritdoc cref="Seconds"/>
    public static TrafficSeries Minutes(IReadOnlyCollection<TrafficRing> rings, TrafficRing? told, double now)
    {
        var first = ((long)Math.Floor(now - Unsettled) / 60) - TrafficRing.Minutes;
        return Read(60, first, TrafficRing.Minutes, rings, told, static (ring, field, first, into) => ring.ReadMinutes(field, first, into));
    }

    private delegate void Reading(TrafficRing ring, int field, long first, Span<float> into);

    private static TrafficSeries Read(int step, long first, int count, IReadOnlyCollection<TrafficRing> rings, TrafficRing? told, Reading read)
    {
        var covered = new float[count];
        if (told is not null)
        {
            read(told, TrafficAmounts.Told, first, covered);
        }

        long?[] Field(int field)
        {
            var (sum, one) = (new double[count], new float[count]);
            foreach (var ring in rings)
            {
                read(ring, field, first, one);
                for (var i = 0; i < count; i++)
                {
                    sum[i] += one[i];
                }
            }

            // Half a second of a whole one would make a rate of what is only the edge of a gap.
            return [.. sum.Select((amount, i) => told is not null && covered[i] < step / 2.0 ? null : (long?)Math.Round(amount / step))];
        }

        return new TrafficSeries(
            DateTimeOffset.UnixEpoch.AddSeconds(first * step), step, Field(TrafficAmounts.BytesIn), Field(TrafficAmounts.BytesOut));
    }
}

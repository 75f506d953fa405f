namespace Portunus.Web.Traffic;

/// <summary>
/// When, by our clock, the looks of one edge were taken. Their distance is measured by the edge's own clock, so that a look that was
/// held up on the way does not seem to have passed in an instant; a clock that was set is noticed and begun with anew.
/// </summary>
internal sealed class LookClock
{
    /// <summary>How much the two clocks may drift apart from one look to the next, in seconds: more than NTP ever slews (500 ppm at one look a second).</summary>
    private const double Drift = 0.001;

    private double _offset;
    private double _taken = double.NaN;

    /// <summary>The newest look, in seconds since 1970 by our clock; not a number before the first.</summary>
    public double Newest { get; private set; } = double.NaN;

    /// <summary>A look came.</summary>
    /// <param name="takenAt">By the edge's clock, in seconds.</param>
    /// <param name="now">By ours.</param>
    /// <returns>When it was taken by our clock; never after now, and never before the look before it.</returns>
    public double Map(double takenAt, double now)
    {
        var apart = now - takenAt;
        _offset = double.IsNaN(_taken) || takenAt <= _taken ? apart : Math.Min(_offset + Drift, apart);
        _taken = takenAt;
        var mapped = Math.Min(now, takenAt + _offset);
        Newest = double.IsNaN(Newest) ? mapped : Math.Max(Newest, mapped);
        // Our own clock may have been set back.
        Newest = Math.Min(Newest, now);
        return Newest;
    }
}

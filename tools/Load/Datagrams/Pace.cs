namespace Portunus.Load.Datagrams;

/// <summary>
/// When the next burst is due. Bursts are what falls due in some 150 µs, as a sender's timer and its network card make them. A
/// sender that was kept from its CPU catches up at no more than twice the rate, and what lies more than 5 ms back is not sent at all.
/// </summary>
internal sealed class Pace
{
    /// <summary>The largest burst, which is also what one call sends.</summary>
    public const int MostAtOnce = 64;

    private static readonly TimeSpan s_burst = TimeSpan.FromMicroseconds(150);
    private static readonly TimeSpan s_forgiven = TimeSpan.FromMilliseconds(5);
    private readonly double _interval;
    private readonly double _forgiven;
    private double _due;
    private double _earliest;

    /// <param name="perSecond">Datagrams.</param>
    /// <param name="frequency">Ticks of the clock in a second.</param>
    /// <param name="now">The first burst is due now.</param>
    public Pace(double perSecond, long frequency, long now)
    {
        Burst = (int)Math.Clamp(Math.Round(perSecond * s_burst.TotalSeconds), 1, MostAtOnce);
        _interval = Burst / perSecond * frequency;
        _forgiven = s_forgiven.TotalSeconds * frequency;
        (_due, _earliest) = (now, now);
    }

    /// <summary>Datagrams of each burst.</summary>
    public int Burst { get; }

    /// <summary>When the next burst may leave.</summary>
    public long Next => (long)Math.Max(_due, _earliest);

    /// <summary>A burst has left.</summary>
    public void Left(long now)
    {
        _due = Math.Max(_due + _interval, now - _forgiven);
        _earliest = now + (_interval / 2);
    }
}

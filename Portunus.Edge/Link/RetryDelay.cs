namespace Portunus.Edge.Link;

/// <summary>
/// How long to wait before the next try. Anything between nothing and a bound that doubles with each try: a thousand edges that
/// lost the same control plane at the same moment come back spread over time, not in waves.
/// </summary>
/// <param name="random">From 0 up to, and not including, 1.</param>
internal sealed class RetryDelay(Func<double> random)
{
    /// <summary>The first bound.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);

    /// <summary>The bound grows no further, so this is how long after the return of a control plane the last edge is back.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private TimeSpan _bound = First;

    public TimeSpan Next()
    {
        var wait = _bound * random();
        _bound = _bound * 2 < Longest ? _bound * 2 : Longest;
        return wait;
    }

    /// <summary>The last try led to something that lasted.</summary>
    public void Reset() => _bound = First;
}

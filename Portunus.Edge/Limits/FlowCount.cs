namespace Portunus.Edge.Limits;

/// <summary>
/// Live flows of a rule or an owner and how many there may be. Counted whether or not there is a limit, so that one set later
/// knows the flows that are there.
/// </summary>
internal sealed class FlowCount
{
    private long _most = long.MaxValue;
    private long _live;

    public long Live => Volatile.Read(ref _live);

    /// <summary>The most that may be live; lowering it ends nobody.</summary>
    public long Most
    {
        get => Volatile.Read(ref _most);
        set => Volatile.Write(ref _most, value);
    }

    /// <summary>
    /// Counts one in, unless it would be one too many: never more than <see cref="Most"/>, nor than <paramref name="cap"/>, are
    /// live at once.
    /// </summary>
    public bool TryAdd(long cap = long.MaxValue)
    {
        if (Interlocked.Increment(ref _live) <= Math.Min(cap, Most))
        {
            return true;
        }

        Interlocked.Decrement(ref _live);
        return false;
    }

    public void Remove() => Interlocked.Decrement(ref _live);
}

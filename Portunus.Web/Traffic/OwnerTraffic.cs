using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>What was counted over many edges: for one owner, or for all.</summary>
internal sealed class OwnerTraffic
{
    private readonly Lock _gate = new();
    private readonly TrafficRing _ring = new(TrafficAmounts.All);
    private LedgerCount _total;

    public LedgerCount Total
    {
        get
        {
            lock (_gate)
            {
                return _total;
            }
        }
    }

    /// <summary>What the store holds at the start.</summary>
    public void Begin(LedgerCount total)
    {
        lock (_gate)
        {
            _total = total;
        }
    }

    /// <summary>More was counted between two instants, in seconds by our clock; not a number where it is not known since when.</summary>
    public void Add(LedgerCount delta, double from, double to)
    {
        Span<double> amounts = stackalloc double[TrafficAmounts.All];
        TrafficAmounts.Write(delta, amounts);
        lock (_gate)
        {
            _total += delta;
            if (!double.IsNaN(from))
            {
                _ring.Add(from, to, amounts);
            }
        }
    }

    /// <summary>Reads the ring while nobody writes it.</summary>
    public T Read<T>(Func<TrafficRing, T> read)
    {
        lock (_gate)
        {
            return read(_ring);
        }
    }

    public void Trim(double now)
    {
        lock (_gate)
        {
            _ring.Trim(now);
        }
    }
}

namespace Portunus.Edge.Udp;

/// <summary>
/// The flows of one listening socket by their keys: open addressing with linear probing, at most three quarters full, and removal
/// that moves followers up, so that there are no graves. Looking up allocates nothing; growing does. One loop's thread only.
/// </summary>
internal sealed class UdpFlowTable
{
    private const int FirstSize = 16;

    // Nothing until the first flow: a range has a thousand of these.
    private Entry[] _entries = [];
    private int _count;

    /// <summary>Flows in it. Any thread may look.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The flow of a key; null when there is none.</summary>
    public UdpFlow? Find(in FlowKey key, uint hash)
    {
        var entries = _entries;
        if (entries.Length == 0)
        {
            return null;
        }

        var mask = (uint)entries.Length - 1;
        for (var i = hash & mask; ; i = (i + 1) & mask)
        {
            ref readonly var entry = ref entries[i];
            if (entry.Flow is not { } flow)
            {
                return null;
            }

            if (entry.Hash == hash && flow.Key.Equals(key))
            {
                return flow;
            }
        }
    }

    /// <summary>Adds a flow whose key is not there.</summary>
    public void Add(UdpFlow flow, uint hash)
    {
        if ((_count + 1) * 4 > _entries.Length * 3)
        {
            Grow();
        }

        Place(_entries, flow, hash);
        _count++;
    }

    /// <summary>Takes a flow out.</summary>
    public void Remove(UdpFlow flow)
    {
        var entries = _entries;
        var mask = (uint)entries.Length - 1;
        var hole = flow.Key.Hash() & mask;
        while (entries[hole].Flow != flow)
        {
            hole = (hole + 1) & mask;
        }

        for (var i = (hole + 1) & mask; entries[i].Flow is not null; i = (i + 1) & mask)
        {
            // Whoever sits at or past the hole counted from where it belongs may fill it.
            var home = entries[i].Hash & mask;
            if (((i - home) & mask) >= ((i - hole) & mask))
            {
                entries[hole] = entries[i];
                hole = i;
            }
        }

        entries[hole] = default;
        _count--;
    }

    /// <summary>Copies the flows, for a walk during which some may leave.</summary>
    public UdpFlow[] ToArray()
    {
        var all = new UdpFlow[_count];
        var next = 0;
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (entry.Flow is { } flow)
            {
                all[next++] = flow;
            }
        }

        return all;
    }

    private static void Place(Entry[] entries, UdpFlow flow, uint hash)
    {
        var mask = (uint)entries.Length - 1;
        var i = hash & mask;
        while (entries[i].Flow is not null)
        {
            i = (i + 1) & mask;
        }

        entries[i] = new Entry { Flow = flow, Hash = hash };
    }

    private void Grow()
    {
        var grown = new Entry[Math.Max(FirstSize, _entries.Length * 2)];
        foreach (ref readonly var entry in _entries.AsSpan())
        {
            if (entry.Flow is { } flow)
            {
                Place(grown, flow, entry.Hash);
            }
        }

        _entries = grown;
    }

    private struct Entry
    {
        public UdpFlow? Flow;
        public uint Hash;
    }
}

namespace Portunus.Edge.Loop;

/// <summary>
/// Slot and generation ↔ <see cref="Pollable"/>. epoll may still deliver an event for a descriptor that was closed earlier
/// in the same batch, and the kernel re-uses descriptor numbers at once, so the number alone would reach the wrong flow;
/// the generation tells. One loop's thread only.
/// </summary>
internal sealed class SlotTable
{
    private Entry[] _entries = new Entry[64];
    private int _free = -1;
    private int _used = 1; // slot 0 stays empty, so that tag 0 is nobody

    /// <summary>Pollables registered now.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a slot; the tag goes into epoll's data: generation in the upper 32 bits, slot in the lower.</summary>
    public ulong Add(Pollable pollable)
    {
        int slot;
        if (_free >= 0)
        {
            slot = _free;
            _free = _entries[slot].NextFree;
        }
        else
        {
            slot = _used++;
            if (slot == _entries.Length)
            {
                Array.Resize(ref _entries, slot * 2);
            }
        }

        ref var entry = ref _entries[slot];
        entry.Pollable = pollable;
        Count++;
        return ((ulong)entry.Generation << 32) | (uint)slot;
    }

    /// <summary>Whoever the tag means, or null when that one has gone.</summary>
    public Pollable? Find(ulong tag)
    {
        var slot = (uint)tag;
        if (slot >= (uint)_entries.Length)
        {
            return null;
        }

        ref var entry = ref _entries[slot];
        return entry.Generation == (uint)(tag >> 32) ? entry.Pollable : null;
    }

    /// <summary>Gives the slot back; from here on the tag finds nobody. A tag that is already stale changes nothing.</summary>
    public void Remove(ulong tag)
    {
        if (tag == 0 || Find(tag) is null)
        {
            return;
        }

        var slot = (int)(uint)tag;
        ref var entry = ref _entries[slot];
        entry.Pollable = null;
        entry.Generation++;
        entry.NextFree = _free;
        _free = slot;
        Count--;
    }

    private struct Entry
    {
        public Pollable? Pollable;
        public uint Generation;
        public int NextFree;
    }
}

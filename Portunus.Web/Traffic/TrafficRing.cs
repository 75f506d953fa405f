namespace Portunus.Web.Traffic;

/// <summary>
/// What passed in each of the last 900 seconds and each of the last 1,440 minutes, by our clock. Kept in blocks of 60 slots that are
/// made when something is written and let go when they are past, because most rules are silent most of the time. Not for several
/// threads: whoever owns it locks it.
/// </summary>
internal sealed class TrafficRing(int fields)
{
    /// <summary>Seconds that can be asked for.</summary>
    public const int Seconds = 900;

    /// <summary>Minutes that can be asked for.</summary>
    public const int Minutes = 1440;

    private readonly Track _seconds = new(1, Seconds / Track.BlockSlots, fields);
    private readonly Track _minutes = new(60, Minutes / Track.BlockSlots, fields);

    /// <summary>
    /// Adds amounts that passed evenly between two instants: a look that comes late, or after the link was away, raises all the seconds
    /// it tells of, and none of them into a spike.
    /// </summary>
    /// <param name="from">Seconds since 1970, by our clock.</param>
    /// <param name="to">Likewise; now or before.</param>
    /// <param name="amounts">One a field.</param>
    public void Add(double from, double to, ReadOnlySpan<double> amounts)
    {
        _seconds.Add(from, to, amounts);
        _minutes.Add(from, to, amounts);
    }

    /// <summary>The amounts of a field in the seconds from <paramref name="first"/> on; 0 where nothing was written.</summary>
    public void ReadSeconds(int field, long first, Span<float> into) => _seconds.Read(field, first, into);

    /// <summary>The amounts of a field in the minutes from <paramref name="first"/> (minutes since 1970) on.</summary>
    public void ReadMinutes(int field, long first, Span<float> into) => _minutes.Read(field, first, into);

    /// <summary>Mean a second over the three newest seconds that every look has told of by <paramref name="now"/>.</summary>
    public double Rate(int field, double now)
    {
        Span<float> last = stackalloc float[3];
        _seconds.Read(field, (long)Math.Floor(now) - 4, last);
        return ((double)last[0] + last[1] + last[2]) / 3;
    }

    /// <summary>Lets go of what is past.</summary>
    public void Trim(double now)
    {
        _seconds.Trim(now);
        _minutes.Trim(now);
    }

    /// <summary>Slots of one length.</summary>
    private sealed class Track(int step, int blocks, int fields)
    {
        public const int BlockSlots = 60;

        // One more than can be asked for: the block being written is not yet whole.
        private readonly Block?[] _blocks = new Block?[blocks + 1];

        public void Add(double from, double to, ReadOnlySpan<double> amounts)
        {
            var last = (long)Math.Floor(to / step);
            var first = (long)Math.Floor(from / step);
            if (first >= last)
            {
                AddTo(last, 1, amounts);
                return;
            }

            var length = to - from;
            first = Math.Max(first, last - ((long)blocks * BlockSlots) + 1);
            for (var slot = first; slot <= last; slot++)
            {
                var share = (Math.Min(to, (slot + 1) * (double)step) - Math.Max(from, slot * (double)step)) / length;
                if (share > 0)
                {
                    AddTo(slot, share, amounts);
                }
            }
        }

        public void Read(int field, long first, Span<float> into)
        {
            for (var i = 0; i < into.Length; i++)
            {
                var slot = first + i;
                var block = slot < 0 ? null : _blocks[slot / BlockSlots % _blocks.Length];
                into[i] = block is not null && block.Number == slot / BlockSlots ? block.Amounts[((slot % BlockSlots) * fields) + field] : 0;
            }
        }

        public void Trim(double now)
        {
            var oldest = ((long)Math.Floor(now / step) / BlockSlots) - blocks;
            for (var i = 0; i < _blocks.Length; i++)
            {
                if (_blocks[i] is { } block && block.Number < oldest)
                {
                    _blocks[i] = null;
                }
            }
        }

        private void AddTo(long slot, double share, ReadOnlySpan<double> amounts)
        {
            if (slot < 0)
            {
                return;
            }

            var number = slot / BlockSlots;
            ref var block = ref _blocks[number % _blocks.Length];
            if (block is null)
            {
                block = new Block(number, new float[BlockSlots * fields]);
            }
            else if (block.Number < number)
            {
                Array.Clear(block.Amounts);
                block.Number = number;
            }
            else if (block.Number > number)
            {
                // Older than can be asked for.
                return;
            }

            var at = (int)(slot % BlockSlots) * fields;
            for (var i = 0; i < fields; i++)
            {
                block.Amounts[at + i] += (float)(amounts[i] * share);
            }
        }

        private sealed class Block(long number, float[] amounts)
        {
            public long Number { get; set; } = number;

            public float[] Amounts { get; } = amounts;
        }
    }
}

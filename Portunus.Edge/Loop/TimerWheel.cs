using System.Numerics;

namespace Portunus.Edge.Loop;

/// <summary>
/// Coarse timers of one loop: a hierarchical wheel (Varghese and Lauck, 1987) of 256 buckets of 5 ms and three upper levels
/// of 64, which reaches 16 days. Arming, disarming and expiry are O(1); a timer is at most one resolution late and never early.
/// 5 ms is the coarsest step at which a capped flow still moves about 10 ms worth of tokens at a time.
/// </summary>
internal sealed class TimerWheel
{
    /// <summary>One wheel tick in clock ticks of 100 ns: 5 ms.</summary>
    public const long Resolution = 5 * TimeSpan.TicksPerMillisecond;

    private const int RootBits = 8;
    private const int RootSize = 1 << RootBits;
    private const int LevelBits = 6;
    private const int LevelSize = 1 << LevelBits;
    private const int Levels = 3;

    private readonly LoopTimer[] _heads = new LoopTimer[RootSize + (Levels * LevelSize)];
    private readonly ulong[] _rootBits = new ulong[RootSize / 64];
    private long _tick;

    public TimerWheel(long now)
    {
        _tick = now / Resolution;
        var nobody = new Nobody();
        for (var i = 0; i < _heads.Length; i++)
        {
            var head = new LoopTimer(nobody);
            head.Next = head;
            head.Previous = head;
            _heads[i] = head;
        }
    }

    /// <summary>Timers armed now.</summary>
    public int Count { get; private set; }

    /// <summary>Arms, or moves an armed timer, to be due <paramref name="delay"/> clock ticks after <paramref name="now"/>.</summary>
    public void Arm(LoopTimer timer, long now, long delay)
    {
        Disarm(timer);
        // Rounded up and past the current tick: a timer is never early.
        var due = ((now + Math.Max(delay, 0)) / Resolution) + 1;
        timer.DueTick = Math.Max(due, _tick + 1);
        Link(timer);
        Count++;
    }

    public void Disarm(LoopTimer timer)
    {
        if (timer.Next is null || timer.Previous is null)
        {
            return;
        }

        Unlink(timer);
        Count--;
    }

    /// <summary>When <see cref="Advance"/> may have work next, in clock ticks; <see cref="long.MaxValue"/> when nothing is armed.</summary>
    public long NextDue()
    {
        if (Count == 0)
        {
            return long.MaxValue;
        }

        // Without a root timer before the root wraps, the next upper-level bucket may come down at the wrap.
        var next = (_tick | (RootSize - 1)) + 1;
        var start = (int)(_tick + 1) & (RootSize - 1);
        if (start != 0)
        {
            var word = start >> 6;
            var bits = _rootBits[word] & (ulong.MaxValue << (start & 63));
            while (bits == 0 && ++word < _rootBits.Length)
            {
                bits = _rootBits[word];
            }

            if (bits != 0)
            {
                next = (_tick & ~(long)(RootSize - 1)) + (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return next * Resolution;
    }

    /// <summary>Calls every timer that is due at <paramref name="now"/>; a timer may arm itself or others again.</summary>
    public void Advance(long now, Action<ITimed, Exception> onFault)
    {
        var target = now / Resolution;
        if (Count == 0)
        {
            _tick = Math.Max(_tick, target);
            return;
        }

        while (_tick < target)
        {
            _tick++;
            var slot = (int)_tick & (RootSize - 1);
            if (slot == 0)
            {
                Cascade(0);
            }

            if ((_rootBits[slot >> 6] & (1UL << (slot & 63))) != 0)
            {
                Expire(slot, now, onFault);
            }

            if (Count == 0)
            {
                _tick = target;
            }
        }
    }

    private void Expire(int slot, long now, Action<ITimed, Exception> onFault)
    {
        var head = _heads[slot];
        while (head.Next is { } timer && timer != head)
        {
            Disarm(timer);
            try
            {
                timer.Owner.TimerDue(timer, now);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                onFault(timer.Owner, error);
            }
        }
    }

    /// <summary>Brings down the bucket of an upper level that has become current.</summary>
    private void Cascade(int level)
    {
        var index = (int)(_tick >> (RootBits + (level * LevelBits))) & (LevelSize - 1);
        if (index == 0 && level + 1 < Levels)
        {
            Cascade(level + 1);
        }

        var head = _heads[RootSize + (level * LevelSize) + index];
        while (head.Next is { } timer && timer != head)
        {
            Unlink(timer);
            Link(timer);
        }
    }

    private void Link(LoopTimer timer)
    {
        var delta = timer.DueTick - _tick;
        int bucket;
        if (delta < RootSize)
        {
            bucket = (int)timer.DueTick & (RootSize - 1);
            _rootBits[bucket >> 6] |= 1UL << (bucket & 63);
        }
        else
        {
            var level = 0;
            while (level < Levels - 1 && delta >= 1L << (RootBits + ((level + 1) * LevelBits)))
            {
                level++;
            }

            // What lies past the reach waits in the farthest bucket and is linked anew when that comes down.
            var reach = 1L << (RootBits + (Levels * LevelBits));
            var due = delta < reach ? timer.DueTick : _tick + reach - 1;
            bucket = RootSize + (level * LevelSize) + ((int)(due >> (RootBits + (level * LevelBits))) & (LevelSize - 1));
        }

        var head = _heads[bucket];
        timer.Bucket = bucket;
        timer.Next = head;
        timer.Previous = head.Previous;
        if (head.Previous is not null)
        {
            head.Previous.Next = timer;
        }

        head.Previous = timer;
    }

    private void Unlink(LoopTimer timer)
    {
        if (timer.Next is not { } next || timer.Previous is not { } previous)
        {
            return;
        }

        previous.Next = next;
        next.Previous = previous;
        timer.Next = null;
        timer.Previous = null;
        if (timer.Bucket < RootSize && _heads[timer.Bucket].Next == _heads[timer.Bucket])
        {
            _rootBits[timer.Bucket >> 6] &= ~(1UL << (timer.Bucket & 63));
        }
    }

    /// <summary>Owner of the list heads, which are never due.</summary>
    private sealed class Nobody : ITimed
    {
        public void TimerDue(LoopTimer timer, long now) => throw new InvalidOperationException("a list head came due");

        public void Fault(Exception error) => throw new InvalidOperationException("a list head failed", error);
    }
}

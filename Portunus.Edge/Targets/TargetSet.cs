using Portunus.Edge.Native;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Targets;

/// <summary>Which targets one flow has tried. A value inside the flow.</summary>
internal struct TargetOrder
{
    /// <summary>Hash of the connecting address, for source_hash.</summary>
    public uint Source;

    /// <summary>One bit for each entry tried.</summary>
    public uint Tried;
}

/// <summary>
/// The targets of one revision of a rule, and in which order a flow tries them: the healthy ones of the best priority by the
/// balance policy, then the next priorities, then those that are down. Immutable but for two counters; picks allocate nothing.
/// </summary>
internal sealed class TargetSet
{
    // FNV-1a, 32 bit.
    private const uint HashStart = 2166136261;
    private const uint HashStep = 16777619;

    private readonly TargetEntry[] _entries;
    private readonly uint[] _hashes;
    private readonly BalancePolicy _balance;
    private int _turn;

    private TargetSet(TargetEntry[] entries, BalancePolicy balance, int turn)
    {
        _entries = entries;
        _balance = balance;
        _turn = turn;
        _hashes = [.. entries.Select(entry => Hash(entry.Target))];
    }

    public int Count => _entries.Length;

    /// <summary>Best priority first, ties in the order asked.</summary>
    public TargetEntry this[int index] => _entries[index];

    /// <summary>Compiles the targets of a rule; those with a host and port that <paramref name="previous"/> has go on with their health.</summary>
    public static TargetSet Compile(IReadOnlyList<CheckedTarget> targets, BalancePolicy balance, TargetSet? previous, TimeProvider time)
    {
        var known = previous?._entries.ToDictionary(entry => (entry.Target.Host, entry.Target.FirstPort), entry => entry.Target) ?? [];
        var entries = targets
            .Select(target => new TargetEntry(
                known.GetValueOrDefault((target.Host, target.FirstPort)) ?? Make(target, time),
                target.Priority,
                target.Weight,
                target.ProxyHeader))
            .OrderBy(entry => entry.Priority)
            .ToArray();
        return new TargetSet(entries, balance, previous?._turn ?? 0);
    }

    /// <summary>Begins the choice for one flow from <paramref name="source"/>.</summary>
    public TargetOrder Begin(in SockAddr source) => new() { Source = _balance == BalancePolicy.SourceHash ? Hash(HashStart, source.Address) : 0 };

    /// <summary>The next target to try; false when all have been tried.</summary>
    public bool TryNext(ref TargetOrder order, long now, out int index)
    {
        index = PickTrial(order.Tried, now);
        if (index < 0)
        {
            index = PickHealthy(order);
        }

        if (index < 0)
        {
            // All that are left are down: the best of them is tried anyway.
            index = FirstUntried(order.Tried);
        }

        if (index < 0)
        {
            return false;
        }

        order.Tried |= 1u << index;
        return true;
    }

    /// <summary>A down target whose trial is due, unless a healthy one of a better priority stands before it.</summary>
    private int PickTrial(uint tried, long now)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if ((tried & (1u << i)) != 0)
            {
                continue;
            }

            var health = _entries[i].Target.Health;
            if (!health.IsDown)
            {
                // Trials of a worse priority wait until this priority is down as well.
                for (var j = i + 1; j < _entries.Length && _entries[j].Priority == _entries[i].Priority; j++)
                {
                    if ((tried & (1u << j)) == 0 && _entries[j].Target.Health.TryClaimTrial(now))
                    {
                        return j;
                    }
                }

                return -1;
            }

            if (health.TryClaimTrial(now))
            {
                return i;
            }
        }

        return -1;
    }

    private int PickHealthy(in TargetOrder order)
    {
        for (var first = 0; first < _entries.Length;)
        {
            var end = first + 1;
            while (end < _entries.Length && _entries[end].Priority == _entries[first].Priority)
            {
                end++;
            }

            var candidates = 0u;
            for (var i = first; i < end; i++)
            {
                if ((order.Tried & (1u << i)) == 0 && !_entries[i].Target.Health.IsDown)
                {
                    candidates |= 1u << i;
                }
            }

            if (candidates != 0)
            {
                return Balance(candidates, order.Source);
            }

            first = end;
        }

        return -1;
    }

    private int Balance(uint candidates, uint source) => _balance switch
    {
        BalancePolicy.RoundRobin => InTurn(candidates),
        BalancePolicy.LeastFlows => LeastFlows(candidates),
        BalancePolicy.Random => ByWeight(candidates, Random.Shared.Next(TotalWeight(candidates))),
        BalancePolicy.SourceHash => BySource(candidates, source),
        _ => System.Numerics.BitOperations.TrailingZeroCount(candidates),
    };

    private int TotalWeight(uint candidates)
    {
        var total = 0;
        for (var i = 0; i < _entries.Length; i++)
        {
            total += (candidates & (1u << i)) != 0 ? _entries[i].Weight : 0;
        }

        return total;
    }

    /// <summary>
    /// Weighted turns, evenly interleaved and without state but a counter: turn t of W goes to the target whose share of t grows
    /// most there, found by spreading each target's turns by the golden ratio over the cycle.
    /// </summary>
    private int InTurn(uint candidates)
    {
        var total = TotalWeight(candidates);
        var turn = (uint)Interlocked.Increment(ref _turn) - 1;
        // A stride coprime with the cycle visits each of its places once, far from the last one.
        var stride = (uint)Math.Max(1, (int)(total * 0.6180339887));
        while (GreatestCommonDivisor(stride, (uint)total) != 1)
        {
            stride++;
        }

        return ByWeight(candidates, (int)((ulong)(turn % (uint)total) * stride % (uint)total));
    }

    private int ByWeight(uint candidates, int place)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if ((candidates & (1u << i)) != 0 && (place -= _entries[i].Weight) < 0)
            {
                return i;
            }
        }

        return System.Numerics.BitOperations.TrailingZeroCount(candidates);
    }

    private int LeastFlows(uint candidates)
    {
        var best = -1;
        var least = double.MaxValue;
        var start = (int)((uint)Interlocked.Increment(ref _turn) % (uint)_entries.Length);
        for (var step = 0; step < _entries.Length; step++)
        {
            // Begun at another place each time, so that ties rotate.
            var i = (start + step) % _entries.Length;
            if ((candidates & (1u << i)) == 0)
            {
                continue;
            }

            var load = (double)_entries[i].Target.ActiveFlows / _entries[i].Weight;
            if (load < least)
            {
                least = load;
                best = i;
            }
        }

        return best;
    }

    /// <summary>
    /// Weighted rendezvous hashing (Thaler and Ravishankar, 1998): each target draws a number from the source's hash and the
    /// highest wins, so a target that leaves moves only its own sources.
    /// </summary>
    private int BySource(uint candidates, uint source)
    {
        var best = -1;
        var highest = double.NegativeInfinity;
        for (var i = 0; i < _entries.Length; i++)
        {
            if ((candidates & (1u << i)) == 0)
            {
                continue;
            }

            var draw = (Mix(source ^ _hashes[i]) + 1.0) / (uint.MaxValue + 2.0);
            var score = -_entries[i].Weight / Math.Log(draw);
            if (score > highest)
            {
                highest = score;
                best = i;
            }
        }

        return best;
    }

    private int FirstUntried(uint tried)
    {
        for (var i = 0; i < _entries.Length; i++)
        {
            if ((tried & (1u << i)) == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private static Target Make(CheckedTarget target, TimeProvider time) => new(
        target.Host, target.Literal is { } address ? SockAddr.From(address, target.FirstPort) : default, target.FirstPort, time);

    private static uint Hash(Target target) =>
        Mix(Hash(HashStart, System.Text.Encoding.UTF8.GetBytes($"{target.Host}:{target.FirstPort}")));

    private static uint Hash(uint start, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
        {
            start = (start ^ one) * HashStep;
        }

        return start;
    }

    /// <summary>The finaliser of MurmurHash3: spreads neighbouring sources over the whole range.</summary>
    private static uint Mix(uint value)
    {
        value = (value ^ (value >> 16)) * 0x85EBCA6B;
        value = (value ^ (value >> 13)) * 0xC2B2AE35;
        return value ^ (value >> 16);
    }

    private static uint GreatestCommonDivisor(uint a, uint b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}

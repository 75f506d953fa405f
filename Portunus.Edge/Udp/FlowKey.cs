using System.Runtime.CompilerServices;
using Portunus.Edge.Native;

namespace Portunus.Edge.Udp;

/// <summary>
/// What tells the flows of one listening socket apart: the source, and the local address that its datagrams come to where the
/// socket has more than one. Kept as the kernel gave it, so that an answer needs no conversion.
/// </summary>
internal readonly struct FlowKey : IEquatable<FlowKey>
{
    private const ulong MappedPrefix = 0xFFFF_0000;

    // Sources choose their addresses and ports; without a secret they could choose ones that all fall into one place of the table.
    private static readonly ulong s_seedA = (ulong)Random.Shared.NextInt64() | 1;
    private static readonly ulong s_seedB = (ulong)Random.Shared.NextInt64() << 1;

    private readonly ulong _head;
    private readonly ulong _addressHigh;
    private readonly ulong _addressLow;
    private readonly uint _scope;

    private FlowKey(ulong head, ulong addressHigh, ulong addressLow, uint scope, ulong localHigh, ulong localLow)
    {
        _head = head;
        _addressHigh = addressHigh;
        _addressLow = addressLow;
        _scope = scope;
        LocalHigh = localHigh;
        LocalLow = localLow;
    }

    /// <summary>The local address as <see cref="DatagramControl"/> has it.</summary>
    public ulong LocalHigh { get; }

    /// <inheritdoc cref="LocalHigh"/>
    public ulong LocalLow { get; }

    /// <summary>False where the socket has one address only, or an answer may leave from any.</summary>
    public bool HasLocal => (LocalHigh | LocalLow) != 0;

    /// <summary>The key of a datagram from <paramref name="source"/>, as the kernel wrote it.</summary>
    public static FlowKey Of(in SockAddr source, in DatagramControl told)
    {
        ref var at = ref Unsafe.As<SockAddr, byte>(ref Unsafe.AsRef(in source));
        var head = Unsafe.ReadUnaligned<ulong>(ref at);
        if (source.Family == SockAddr.FamilyInet)
        {
            // Family, port and address; the rest is padding.
            return new FlowKey(head, 0, 0, 0, told.LocalHigh, 0);
        }

        var isGroup = IsGroup(told.LocalHigh, told.LocalLow);
        return new FlowKey(
            head,
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 8)),
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 16)),
            Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref at, 24)),
            isGroup ? 0 : told.LocalHigh,
            isGroup ? 0 : told.LocalLow);
    }

    /// <summary>The source, as the kernel wants it for an answer.</summary>
    public SockAddr Source()
    {
        var result = default(SockAddr);
        ref var at = ref Unsafe.As<SockAddr, byte>(ref result);
        Unsafe.WriteUnaligned(ref at, _head);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 8), _addressHigh);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 16), _addressLow);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 24), _scope);
        return result;
    }

    /// <summary>The local address, unmapped; only where <see cref="HasLocal"/>. Its port is not known here.</summary>
    public SockAddr Local(ushort socketFamily) => SockAddr.FromBytes(socketFamily, LocalHigh, LocalLow).Unmapped();

    public uint Hash()
    {
        var first = Mix(_head ^ s_seedA, _addressLow ^ s_seedB);
        var second = Mix(_addressHigh ^ _scope ^ s_seedB, LocalLow ^ s_seedA);
        var mixed = Mix(first ^ s_seedB, second ^ LocalHigh ^ s_seedA);
        return (uint)(mixed ^ (mixed >> 32));
    }

    public bool Equals(FlowKey other) =>
        _head == other._head && _addressLow == other._addressLow && _addressHigh == other._addressHigh && _scope == other._scope
        && LocalHigh == other.LocalHigh && LocalLow == other.LocalLow;

    public override bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    public override int GetHashCode() => (int)Hash();

    /// <summary>A group or everybody was called, which no answer can come from: IPv6 ff00::/8, IPv4 224.0.0.0/3 in its mapped form.</summary>
    private static bool IsGroup(ulong high, ulong low) =>
        (byte)high == 0xFF || (high == 0 && (uint)low == MappedPrefix && (byte)(low >> 32) >= 224);

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}

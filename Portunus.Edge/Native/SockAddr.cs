using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Portunus.Edge.Native;

/// <summary>
/// sockaddr_in or sockaddr_in6 in place (ip(7), ipv6(7)): family in host order, port and address in network order. A value
/// type, so that accept, connect and counting never allocate an <see cref="IPEndPoint"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = MaxLength)]
internal unsafe struct SockAddr : IEquatable<SockAddr>
{
    /// <summary>sizeof(struct sockaddr_in6), the larger of the two.</summary>
    public const int MaxLength = 28;

    public const ushort FamilyInet = 2;
    public const ushort FamilyInet6 = 10;

    private fixed byte _bytes[MaxLength];

    /// <summary>AF_INET or AF_INET6; 0 when empty.</summary>
    public readonly ushort Family
    {
        get
        {
            fixed (byte* bytes = _bytes)
            {
                return *(ushort*)bytes;
            }
        }
    }

    /// <summary>What the kernel expects as addrlen for this family.</summary>
    public readonly int Length => Family == FamilyInet ? 16 : MaxLength;

    public readonly bool IsEmpty => Family == 0;

    public int Port
    {
        readonly get
        {
            fixed (byte* bytes = _bytes)
            {
                return BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>(bytes + 2, 2));
            }
        }

        set
        {
            fixed (byte* bytes = _bytes)
            {
                BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(bytes + 2, 2), (ushort)value);
            }
        }
    }

    /// <summary>Scope of a link-local IPv6 address, else 0.</summary>
    public readonly uint ScopeId
    {
        get
        {
            fixed (byte* bytes = _bytes)
            {
                return Family == FamilyInet6 ? *(uint*)(bytes + 24) : 0;
            }
        }
    }

    /// <summary>127.0.0.0/8 or ::1.</summary>
    public readonly bool IsLoopback => Family == FamilyInet
        ? Address[0] == 127
        : Address[15] == 1 && Address[..15].IndexOfAnyExcept((byte)0) < 0;

    /// <summary>0.0.0.0 or ::.</summary>
    public readonly bool IsAny => Address.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>The 4 or 16 address bytes in network order. Valid only while the variable lives, hence UnscopedRef.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public readonly ReadOnlySpan<byte> Address
    {
        get
        {
            ref readonly var first = ref _bytes[0];
            return Family == FamilyInet
                ? MemoryMarshal.CreateReadOnlySpan(in first, MaxLength).Slice(4, 4)
                : MemoryMarshal.CreateReadOnlySpan(in first, MaxLength).Slice(8, 16);
        }
    }

    public static SockAddr From(IPAddress address, int port)
    {
        var result = default(SockAddr);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            *(ushort*)result._bytes = FamilyInet;
            address.TryWriteBytes(new Span<byte>(result._bytes + 4, 4), out _);
        }
        else
        {
            *(ushort*)result._bytes = FamilyInet6;
            address.TryWriteBytes(new Span<byte>(result._bytes + 8, 16), out _);
            *(uint*)(result._bytes + 24) = (uint)address.ScopeId;
        }

        result.Port = port;
        return result;
    }

    /// <summary>
    /// An address from its bytes as they lie in memory: the first 4 of <paramref name="high"/> for IPv4, all 16 for IPv6. Port 0.
    /// </summary>
    public static SockAddr FromBytes(ushort family, ulong high, ulong low)
    {
        var result = default(SockAddr);
        *(ushort*)result._bytes = family;
        if (family == FamilyInet)
        {
            *(uint*)(result._bytes + 4) = (uint)high;
        }
        else
        {
            Buffer.MemoryCopy(&high, result._bytes + 8, 8, 8);
            Buffer.MemoryCopy(&low, result._bytes + 16, 8, 8);
        }

        return result;
    }

    /// <summary>An IPv4-mapped IPv6 address (::ffff:a.b.c.d, RFC 4291 2.5.5.2) as plain IPv4; anything else unchanged.</summary>
    public readonly SockAddr Unmapped()
    {
        if (Family != FamilyInet6)
        {
            return this;
        }

        var v6 = Address;
        if (v6[..10].IndexOfAnyExcept((byte)0) >= 0 || v6[10] != 0xFF || v6[11] != 0xFF)
        {
            return this;
        }

        var result = default(SockAddr);
        *(ushort*)result._bytes = FamilyInet;
        v6.Slice(12, 4).CopyTo(new Span<byte>(result._bytes + 4, 4));
        result.Port = Port;
        return result;
    }

    public readonly IPAddress ToAddress() => ScopeId != 0 ? new IPAddress(Address, ScopeId) : new IPAddress(Address);

    public readonly bool Equals(SockAddr other) => Port == other.Port && Family == other.Family && ScopeId == other.ScopeId && Address.SequenceEqual(other.Address);

    public override readonly bool Equals(object? obj) => obj is SockAddr other && Equals(other);

    public override readonly int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(Port);
        hash.AddBytes(Address);
        return hash.ToHashCode();
    }

    public override readonly string ToString() => IsEmpty ? "-" : new IPEndPoint(ToAddress(), Port).ToString();
}

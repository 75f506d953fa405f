using System.Buffers.Binary;
using System.Net;
using System.Text;
using Portunus.Edge.Native;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Relay;

/// <summary>
/// The PROXY protocol header, versions 1 and 2, as HAProxy's proxy-protocol.txt (2020/03/05) defines it: who really connected,
/// and to which address. Pure.
/// </summary>
internal static class ProxyHeader
{
    /// <summary>The longest line of version 1; version 2 with IPv6 addresses takes 52 bytes.</summary>
    public const int MaxLength = 107;

    /// <summary>The longest header of a datagram: version 2 with IPv6 addresses.</summary>
    public const int MaxDatagramLength = V2HeadLength + 36;

    private const int V2HeadLength = 16;
    private const byte V2ProxyCommand = 0x21;
    private const byte V2LocalCommand = 0x20;
    private const byte V2OverIpv4 = 0x10;
    private const byte V2OverIpv6 = 0x20;
    private const byte V2Stream = 0x01;
    private const byte V2Datagram = 0x02;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>
    /// Writes the header for a TCP connection and answers its length. Addresses of two families, which a socket cannot have but a
    /// caller could pass, are both written as IPv6; without addresses the header says so (UNKNOWN, LOCAL).
    /// </summary>
    public static int Write(ProxyHeaderVersion version, in SockAddr source, in SockAddr destination, Span<byte> into) =>
        version == ProxyHeaderVersion.V1 ? WriteV1(source, destination, into) : WriteV2(source, destination, V2Stream, into);

    /// <summary>
    /// Writes the header that stands before the payload of a UDP datagram (version 2, transport DGRAM) and answers its length: 28
    /// bytes for IPv4, 52 for IPv6. IPv4 addresses are written as such whether mapped into IPv6 or not.
    /// </summary>
    /// <param name="source">Who sent the datagram.</param>
    /// <param name="destination">Where it was sent to.</param>
    /// <param name="into">At least <see cref="MaxDatagramLength"/> bytes.</param>
    public static int WriteDatagram(in SockAddr source, in SockAddr destination, Span<byte> into) =>
        WriteV2(source.Unmapped(), destination.Unmapped(), V2Datagram, into);

    private static int WriteV1(in SockAddr source, in SockAddr destination, Span<byte> into)
    {
        if (source.IsEmpty || destination.IsEmpty)
        {
            return Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n", into);
        }

        var isIpv4 = source.Family == SockAddr.FamilyInet && destination.Family == SockAddr.FamilyInet;
        Span<char> line = stackalloc char[MaxLength];
        Span<byte> from = stackalloc byte[16];
        Span<byte> to = stackalloc byte[16];
        from = AddressBytes(source, isIpv4, from);
        to = AddressBytes(destination, isIpv4, to);
        line.TryWrite($"PROXY {(isIpv4 ? "TCP4" : "TCP6")} {new IPAddress(from)} {new IPAddress(to)} {source.Port} {destination.Port}\r\n", out var length);
        return Encoding.ASCII.GetBytes(line[..length], into);
    }

    private static int WriteV2(in SockAddr source, in SockAddr destination, byte transport, Span<byte> into)
    {
        Signature.CopyTo(into);
        if (source.IsEmpty || destination.IsEmpty)
        {
            into[12] = V2LocalCommand;
            into[13..V2HeadLength].Clear();
            return V2HeadLength;
        }

        var isIpv4 = source.Family == SockAddr.FamilyInet && destination.Family == SockAddr.FamilyInet;
        var addressLength = isIpv4 ? 4 : 16;
        into[12] = V2ProxyCommand;
        into[13] = (byte)((isIpv4 ? V2OverIpv4 : V2OverIpv6) | transport);
        BinaryPrimitives.WriteUInt16BigEndian(into[14..], (ushort)((addressLength * 2) + 4));
        AddressBytes(source, isIpv4, into.Slice(V2HeadLength, addressLength));
        AddressBytes(destination, isIpv4, into.Slice(V2HeadLength + addressLength, addressLength));
        var ports = into[(V2HeadLength + (addressLength * 2))..];
        BinaryPrimitives.WriteUInt16BigEndian(ports, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(ports[2..], (ushort)destination.Port);
        return V2HeadLength + (addressLength * 2) + 4;
    }

    /// <summary>The address in the header's family; IPv4 within an IPv6 header in its mapped form (RFC 4291 2.5.5.2).</summary>
    private static Span<byte> AddressBytes(in SockAddr address, bool asIpv4, Span<byte> into)
    {
        if (asIpv4 || address.Family == SockAddr.FamilyInet6)
        {
            address.Address.CopyTo(into);
            return into[..address.Address.Length];
        }

        into[..10].Clear();
        into[10] = 0xFF;
        into[11] = 0xFF;
        address.Address.CopyTo(into[12..]);
        return into[..16];
    }
}

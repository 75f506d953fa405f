using System.Runtime.CompilerServices;

namespace Portunus.Edge.Native;

/// <summary>What the control messages of a received datagram say.</summary>
internal struct DatagramControl
{
    /// <summary>Of several datagrams that the kernel joined (UDP_GRO): the size of each but the last. 0: it is one datagram.</summary>
    public int SegmentSize;

    /// <summary>The local address it came to: the first 8 bytes of an IPv6 address (mapped for IPv4), or the 4 of an IPv4 one. 0: not told.</summary>
    public ulong LocalHigh;

    /// <summary>The last 8 bytes of an IPv6 address.</summary>
    public ulong LocalLow;

    /// <summary>A group or all of a network was called, of which the kernel gives each socket bound to the port a copy.</summary>
    public bool IsGroup;
}

/// <summary>
/// Control messages of datagrams (cmsg(3)): a header of length, level and type, then the value, each padded to 8 bytes.
/// </summary>
internal static unsafe class ControlMessages
{
    /// <summary>Room for everything we receive or send with one datagram: the larger local address and a segment size.</summary>
    public const int MaxLength = PacketIpv6Length + PacketIpv4Length + SegmentLength;

    /// <summary>CMSG_SPACE of a segment size.</summary>
    public const int SegmentLength = Header + 8;

    /// <summary>CMSG_SPACE of struct in6_pktinfo.</summary>
    public const int PacketIpv6Length = Header + 24;

    /// <summary>CMSG_SPACE of struct in_pktinfo.</summary>
    public const int PacketIpv4Length = Header + 16;

    private const ulong MappedPrefix = 0xFFFF_0000;
    private const int Header = 16;
    private const int IpProtoIp = 0;
    private const int IpPacketInfo = 8;
    private const int IpProtoIpv6 = 41;
    private const int Ipv6PacketInfo = 50;
    private const int SolUdp = 17;
    private const int UdpSegment = 103;
    private const int UdpGro = 104;
    private const int PacketIpv6ValueLength = 20;
    private const int PacketIpv4ValueLength = 12;

    /// <summary>Reads what was received; anything malformed or unknown is passed over.</summary>
    public static void Read(byte* control, nuint length, out DatagramControl told)
    {
        told = default;
        var at = (nuint)0;
        while (Next(control, length, ref at, out var level, out var type, out var value, out var valueLength))
        {
            if (level == SolUdp && type == UdpGro && valueLength >= sizeof(int))
            {
                told.SegmentSize = Unsafe.ReadUnaligned<int>(value);
            }
            else if (level == IpProtoIpv6 && type == Ipv6PacketInfo && valueLength >= PacketIpv6ValueLength)
            {
                told.LocalHigh = Unsafe.ReadUnaligned<ulong>(value);
                told.LocalLow = Unsafe.ReadUnaligned<ulong>(value + 8);
                told.IsGroup = *value == 0xFF;
            }
            else if (level == IpProtoIp && type == IpPacketInfo && valueLength >= PacketIpv4ValueLength)
            {
                // ipi_spec_dst: the address of ours that an answer should come from, also where the datagram came to all of a network.
                var own = Unsafe.ReadUnaligned<uint>(value + 4);
                told.IsGroup = own != Unsafe.ReadUnaligned<uint>(value + 8);
                if (told.LocalLow != 0)
                {
                    // A dual-stack socket tells the address that was called as well, mapped.
                    told.LocalLow = MappedPrefix | ((ulong)own << 32);
                }
                else
                {
                    told.LocalHigh = own;
                }
            }
        }
    }

    /// <summary>The value of the first message of a kind that is long enough; null where there is none.</summary>
    public static byte* Find(byte* control, nuint length, int wantedLevel, int wantedType, nuint shortest)
    {
        var at = (nuint)0;
        while (Next(control, length, ref at, out var level, out var type, out var value, out var valueLength))
        {
            if (level == wantedLevel && type == wantedType && valueLength >= shortest)
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Writes the address that a datagram is to leave from, as <see cref="Read"/> told it; answers the bytes written.</summary>
    public static int WriteLocal(byte* at, ushort socketFamily, ulong high, ulong low)
    {
        if (socketFamily == SockAddr.FamilyInet6)
        {
            // An IPv6 socket takes a mapped address in this form for IPv4 too (ip_cmsg_send in the kernel's net/ipv4/ip_sockglue.c).
            WriteHeader(at, PacketIpv6ValueLength, IpProtoIpv6, Ipv6PacketInfo);
            Unsafe.WriteUnaligned(at + Header, high);
            Unsafe.WriteUnaligned(at + Header + 8, low);
            Unsafe.WriteUnaligned(at + Header + 16, 0UL);
            return PacketIpv6Length;
        }

        WriteHeader(at, PacketIpv4ValueLength, IpProtoIp, IpPacketInfo);
        Unsafe.WriteUnaligned(at + Header, 0);
        Unsafe.WriteUnaligned(at + Header + 4, (uint)high);
        Unsafe.WriteUnaligned(at + Header + 8, 0UL);
        return PacketIpv4Length;
    }

    /// <summary>Writes the size at which the kernel is to cut the message into datagrams (UDP_SEGMENT, udp(7)); answers the bytes written.</summary>
    public static int WriteSegment(byte* at, int size)
    {
        WriteHeader(at, sizeof(ushort), SolUdp, UdpSegment);
        Unsafe.WriteUnaligned(at + Header, (ulong)(ushort)size);
        return SegmentLength;
    }

    private static bool Next(byte* control, nuint length, ref nuint at, out int level, out int type, out byte* value, out nuint valueLength)
    {
        level = 0;
        type = 0;
        value = null;
        valueLength = 0;
        if (at >= length || length - at < Header)
        {
            return false;
        }

        var size = Unsafe.ReadUnaligned<nuint>(control + at);
        if (size < Header || size > length - at)
        {
            return false;
        }

        level = Unsafe.ReadUnaligned<int>(control + at + 8);
        type = Unsafe.ReadUnaligned<int>(control + at + 12);
        value = control + at + Header;
        valueLength = size - Header;
        at += (size + 7) & ~(nuint)7;
        return true;
    }

    private static void WriteHeader(byte* at, int valueLength, int level, int type)
    {
        Unsafe.WriteUnaligned(at, (nuint)(Header + valueLength));
        Unsafe.WriteUnaligned(at + 8, level);
        Unsafe.WriteUnaligned(at + 12, type);
    }
}

using System.Buffers.Binary;
using System.Net;

namespace Portunus.Load.Datagrams;

/// <summary>
/// The far sides of the flows: one port, and an address of loopback for each, so that one socket can be all of them and a thousand
/// flows cost the sender no more calls than one.
/// </summary>
internal static class SourceList
{
    /// <summary>Below the ephemeral ports, beside no peer's.</summary>
    public const int Port = 9001;

    /// <summary>As many as loopback addresses are set aside: 127.16.0.1 to 127.16.255.250.</summary>
    public const int Most = 256 * LastByte;

    private const int LastByte = 250;

    public static IPAddress Address(int flow) => new([127, 16, (byte)(flow / LastByte), (byte)(1 + (flow % LastByte))]);

    /// <summary>The same as the four bytes lie in memory.</summary>
    public static uint Bytes(int flow)
    {
        Span<byte> bytes = [127, 16, (byte)(flow / LastByte), (byte)(1 + (flow % LastByte))];
        return BitConverter.ToUInt32(bytes);
    }

    /// <summary>A port as it stands in a socket address.</summary>
    public static ushort PortBytes(int port) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)port) : (ushort)port;
}

using System.Net;
using System.Text;
using Portunus.Edge.Native;
using Portunus.Edge.Relay;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Relay;

/// <summary>The header byte for byte, as HAProxy's proxy-protocol.txt has it (sections 2.1 and 2.2).</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    [Theory]
    [InlineData("192.0.2.1", 56324, "198.51.100.2", 443, "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n")]
    [InlineData("2001:db8::1", 1, "::1", 65535, "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n")]
    [InlineData("192.0.2.1", 1, "2001:db8::1", 2, "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n")]
    [InlineData("2001:db8::1", 2, "192.0.2.1", 1, "PROXY TCP6 2001:db8::1 ::ffff:192.0.2.1 2 1\r\n")]
    public void Version1_IsTheLine(string from, int fromPort, string to, int toPort, string line) =>
        Assert.Equal(line, Encoding.ASCII.GetString(Write(ProxyHeaderVersion.V1, Address(from, fromPort), Address(to, toPort))));

    [Theory]
    [InlineData("192.0.2.1", 56324, "198.51.100.2", 443, "2111000CC0000201C6336402DC0401BB")]
    [InlineData("2001:db8::1", 1, "::1", 65535, "2121002420010DB8000000000000000000000001000000000000000000000000000000010001FFFF")]
    [InlineData("192.0.2.1", 1, "2001:db8::1", 2, "2121002400000000000000000000FFFFC000020120010DB800000000000000000000000100010002")]
    public void Version2_IsTheBytes(string from, int fromPort, string to, int toPort, string hex) =>
        Assert.Equal(Signature + hex, Convert.ToHexString(Write(ProxyHeaderVersion.V2, Address(from, fromPort), Address(to, toPort))));

    [Theory]
    [InlineData("192.0.2.1", 56324, "198.51.100.2", 53, "2112000CC0000201C6336402DC040035")]
    [InlineData("::ffff:192.0.2.1", 56324, "::ffff:198.51.100.2", 53, "2112000CC0000201C6336402DC040035")]
    [InlineData("::ffff:192.0.2.1", 1, "198.51.100.2", 65535, "2112000CC0000201C63364020001FFFF")]
    [InlineData("2001:db8::1", 1, "::1", 65535, "2122002420010DB8000000000000000000000001000000000000000000000000000000010001FFFF")]
    [InlineData("192.0.2.1", 1, "2001:db8::1", 2, "2122002400000000000000000000FFFFC000020120010DB800000000000000000000000100010002")]
    [InlineData("2001:db8::1", 2, "192.0.2.1", 1, "2122002420010DB800000000000000000000000100000000000000000000FFFFC000020100020001")]
    public void Datagram_IsTheBytes(string from, int fromPort, string to, int toPort, string hex) =>
        Assert.Equal(Signature + hex, Convert.ToHexString(WriteDatagram(Address(from, fromPort), Address(to, toPort))));

    [Fact]
    public void Datagram_WithoutAddresses_SaysSo()
    {
        Assert.Equal(Signature + "20000000", Convert.ToHexString(WriteDatagram(default, Address("::1", 1))));
        Assert.Equal(Signature + "20000000", Convert.ToHexString(WriteDatagram(Address("192.0.2.1", 1), default)));
    }

    [Fact]
    public void Datagram_Ipv6_IsAsLongAsTheRoomAskedFor() =>
        Assert.Equal(ProxyHeader.MaxDatagramLength, WriteDatagram(Address("2001:db8::1", 1), Address("::1", 2)).Length);

    [Fact]
    public void WithoutAddresses_TheHeaderSaysSo()
    {
        Assert.Equal("PROXY UNKNOWN\r\n", Encoding.ASCII.GetString(Write(ProxyHeaderVersion.V1, default, Address("::1", 1))));
        Assert.Equal(Signature + "20000000", Convert.ToHexString(Write(ProxyHeaderVersion.V2, Address("::1", 1), default)));
    }

    [Fact]
    public void LongestAddresses_FitTheLongestLine()
    {
        const string Longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
        var line = Write(ProxyHeaderVersion.V1, Address(Longest, 65535), Address(Longest, 65535));
        Assert.Equal($"PROXY TCP6 {Longest} {Longest} 65535 65535\r\n", Encoding.ASCII.GetString(line));
        Assert.InRange(line.Length, 100, ProxyHeader.MaxLength);
    }

    private static SockAddr Address(string text, int port) => SockAddr.From(IPAddress.Parse(text), port);

    private static byte[] Write(ProxyHeaderVersion version, SockAddr source, SockAddr destination)
    {
        // Old bytes must not show through.
        var into = Enumerable.Repeat((byte)0xEE, ProxyHeader.MaxLength).ToArray();
        return into[..ProxyHeader.Write(version, source, destination, into)];
    }

    private static byte[] WriteDatagram(SockAddr source, SockAddr destination)
    {
        var into = Enumerable.Repeat((byte)0xEE, ProxyHeader.MaxDatagramLength).ToArray();
        return into[..ProxyHeader.WriteDatagram(source, destination, into)];
    }
}

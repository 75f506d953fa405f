using System.Net;
using Portunus.Edge.Rules;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Rules;

public sealed class ListenKeyTests
{
    [Theory]
    [InlineData(true, null, "127.0.0.1")]
    [InlineData(true, null, "::1")]
    [InlineData(true, "0.0.0.0", "127.0.0.1")]
    [InlineData(true, "::", "::1")]
    [InlineData(true, "127.0.0.1", "127.0.0.1")]
    [InlineData(false, "::", "127.0.0.1")]
    [InlineData(false, "127.0.0.1", "127.0.0.2")]
    public void Overlaps_OneProtocolAndPort_GoesByAddress(bool expected, string? one, string? other)
    {
        Assert.Equal(expected, Key(TransportProtocol.Udp, one, 53).Overlaps(Key(TransportProtocol.Udp, other, 53)));
        Assert.Equal(expected, Key(TransportProtocol.Udp, other, 53).Overlaps(Key(TransportProtocol.Udp, one, 53)));
    }

    [Fact]
    public void Overlaps_OtherProtocolOrPort_Never()
    {
        Assert.False(Key(TransportProtocol.Udp, null, 53).Overlaps(Key(TransportProtocol.Tcp, null, 53)));
        Assert.False(Key(TransportProtocol.Udp, null, 53).Overlaps(Key(TransportProtocol.Udp, null, 54)));
    }

    private static ListenKey Key(TransportProtocol protocol, string? address, int port) =>
        new(protocol, address is null ? null : IPAddress.Parse(address), port);
}

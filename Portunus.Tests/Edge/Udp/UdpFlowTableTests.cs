using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Loop;
using Portunus.Edge.Native;
using Portunus.Edge.Udp;

namespace Portunus.Tests.Edge.Udp;

public sealed class UdpFlowTableTests : IDisposable
{
    private readonly UdpLoop _home = new(new EventLoop(0, NullLogger<EventLoop>.Instance));

    [Fact]
    public void Find_EmptyTable_IsNobody()
    {
        var key = Key("10.0.0.1", 5);

        Assert.Null(new UdpFlowTable().Find(key, key.Hash()));
    }

    [Fact]
    public void RandomChanges_AgreeWithADictionary()
    {
        var random = new Random(99);
        var table = new UdpFlowTable();
        var expected = new Dictionary<FlowKey, UdpFlow>();
        for (var i = 0; i < 50_000; i++)
        {
            // Few addresses and many equal low bits: clusters form and removal has to close them.
            var key = Key($"10.0.{random.Next(4)}.{random.Next(8)}", 1000 + (random.Next(40) * 16));
            var found = table.Find(key, key.Hash());
            Assert.Same(expected.GetValueOrDefault(key), found);
            if (found is null)
            {
                var flow = new UdpFlow(_home, key);
                table.Add(flow, key.Hash());
                expected.Add(key, flow);
            }
            else if (random.Next(3) > 0)
            {
                table.Remove(found);
                expected.Remove(key);
            }
        }

        Assert.Equal(expected.Count, table.Count);
        Assert.Equal(expected.Values.ToHashSet(), table.ToArray().ToHashSet());
        foreach (var (key, flow) in expected)
        {
            Assert.Same(flow, table.Find(key, key.Hash()));
            table.Remove(flow);
        }

        Assert.Equal(0, table.Count);
        Assert.Empty(table.ToArray());
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", 7, 7)]
    [InlineData("10.0.0.1", "10.0.0.1", 7, 8)]
    [InlineData("2001:db8::1", "2001:db8::2", 7, 7)]
    [InlineData("2001:db8::1", "2001:db9::1", 7, 7)]
    [InlineData("fe80::1%2", "fe80::1%3", 7, 7)]
    public void Keys_OfDifferentSources_Differ(string one, string other, int onePort, int otherPort)
    {
        Assert.False(Key(one, onePort).Equals(Key(other, otherPort)));
        Assert.True(Key(one, onePort).Equals(Key(one, onePort)));
        Assert.Equal(Key(one, onePort).Hash(), Key(one, onePort).Hash());
        Assert.NotEqual(Key(one, onePort).Hash(), Key(other, otherPort).Hash());
    }

    [Fact]
    public void Keys_OfOneSourceToTwoLocalAddresses_Differ()
    {
        var source = SockAddr.From(IPAddress.Parse("10.0.0.1"), 7);

        Assert.False(FlowKey.Of(source, new DatagramControl { LocalHigh = 1 }).Equals(FlowKey.Of(source, new DatagramControl { LocalHigh = 2 })));
    }

    [Theory]
    [InlineData("10.1.2.3", 65535)]
    [InlineData("fe80::7%9", 1)]
    public void Source_IsWhatTheKeyWasMadeOf(string address, int port)
    {
        var source = SockAddr.From(IPAddress.Parse(address), port);

        Assert.Equal(source, Key(address, port).Source());
    }

    [Theory]
    [InlineData("ff02::1", false)]
    [InlineData("::ffff:224.0.0.1", false)]
    [InlineData("::ffff:255.255.255.255", false)]
    [InlineData("::ffff:10.0.0.9", true)]
    [InlineData("2001:db8::1", true)]
    public void Local_OfAGroup_IsNoAddressToAnswerFrom(string local, bool canAnswer)
    {
        var bytes = IPAddress.Parse(local).GetAddressBytes();
        var told = new DatagramControl { LocalHigh = BitConverter.ToUInt64(bytes, 0), LocalLow = BitConverter.ToUInt64(bytes, 8) };

        var key = FlowKey.Of(SockAddr.From(IPAddress.Parse("2001:db8::5"), 5), told);

        Assert.Equal(canAnswer, key.HasLocal);
        if (canAnswer)
        {
            Assert.Equal(SockAddr.From(IPAddress.Parse(local), 0).Unmapped(), key.Local(SockAddr.FamilyInet6));
        }
    }

    public void Dispose()
    {
        _home.Loop.Dispose();
        _home.Dispose();
    }

    private static FlowKey Key(string address, int port) => FlowKey.Of(SockAddr.From(IPAddress.Parse(address), port), default);
}

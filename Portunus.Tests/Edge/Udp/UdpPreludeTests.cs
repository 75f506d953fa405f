using System.Net;
using Portunus.Edge.Native;
using Portunus.Edge.Relay;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>The PROXY header that tells a target who is really there.</summary>
public sealed class UdpPreludeTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData(null, "127.0.0.3")]
    [InlineData(null, "::1")]
    public async Task V2_FirstDatagramOfAFlow_BeginsWithTheHeaderAndNoOther(string? listen, string called)
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Prefaced("first", target, "v2") with { ListenAddress = listen };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule), IPAddress.Parse(called));
        var header = Header(peer.Local, new IPEndPoint(IPAddress.Parse(called), Port(rule)));

        for (byte i = 0; i < 5; i++)
        {
            peer.Send(i, 1, 1);
        }

        var first = await target.NextAsync();
        Assert.Equal([.. header, 0, 1, 1], first.Payload);
        for (byte i = 1; i < 5; i++)
        {
            Assert.Equal([i, 1, 1], (await target.NextAsync()).Payload);
        }

        await Eventually.Equals(15L, () => engine.Sample("first").Traffic.BytesIn, "only what came from the source is counted");
    }

    [Fact]
    public async Task V2Each_EveryDatagram_BeginsWithTheHeader()
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Prefaced("each", target, "v2-each");
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var header = Header(peer.Local, new IPEndPoint(IPAddress.Loopback, Port(rule)));
        var sent = Enumerable.Range(0, 300).Select(i => RandomBytes(i % 20 == 19 ? i : 1000)).ToList();

        sent.ForEach(peer.Send);

        foreach (var payload in sent)
        {
            var got = await target.NextAsync();
            Assert.Equal([.. header, .. payload], got.Payload);
        }

        await Eventually.Equals(sent.Sum(payload => (long)payload.Length), () => engine.Sample("each").Traffic.BytesIn, "only what came from the source is counted");
        Assert.Empty(engine.Sample("each").DropsIn);
    }

    [Fact]
    public async Task V2Each_DatagramThatGrowsPastTheLargest_IsTooBig()
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Prefaced("big", target, "v2-each");
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        peer.Send(new byte[65_507 - 27]);
        peer.Send(new byte[65_507 - 28]);

        Assert.Equal(65_507, (await target.NextAsync()).Payload.Length);
        await Eventually.Equals(1L, () => engine.Sample("big").DropsIn.GetValueOrDefault(DatagramDrop.TooBig), "the larger one is dropped");
    }

    private static RuleSpec Prefaced(string name, DatagramTarget target, string version) =>
        Rule(name) with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port, ProxyProtocol = version }] };

    private static byte[] Header(IPEndPoint source, IPEndPoint destination)
    {
        var header = new byte[ProxyHeader.MaxLength];
        var length = ProxyHeader.WriteDatagram(SockAddr.From(source.Address, source.Port), SockAddr.From(destination.Address, destination.Port), header);
        return header[..length];
    }
}

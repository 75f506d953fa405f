using System.Net;
using System.Text;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The PROXY header that a target is sent before the first byte: exact, once, and of its own version.</summary>
public sealed class ProxyHeaderOutTests
{
    private static readonly byte[] s_signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    [Theory]
    [InlineData("v1", "127.0.0.1", null)]
    [InlineData("v2", "127.0.0.1", null)]
    [InlineData("v1", "::1", null)]
    [InlineData("v2", "::1", null)]
    [InlineData("v1", "127.0.0.3", "127.0.0.3")]
    [InlineData("v2", "::1", "::1")]
    public async Task Header_AnyFamily_NamesThePeerAndTheAddressItConnectedTo(string version, string to, string? listen)
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = Rule(version, target.Port) with { ListenAddress = listen };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule), IPAddress.Parse(to));
        await down.SendAsync("payload"u8.ToArray());
        down.EndSending();
        var own = (IPEndPoint)(down.Socket.LocalEndPoint ?? throw new InvalidOperationException());
        var expected = Expected(version, own, new IPEndPoint(IPAddress.Parse(to), Port(rule)));
        var got = await (await target.AcceptedAsync()).ReceiveToEndAsync();
        Assert.Equal([.. expected, .. "payload"u8], got);
        Assert.Equal(7, engine.Sample("header").Traffic.BytesIn);
    }

    [Fact]
    public async Task Header_FirstTargetOfAnotherVersionRefuses_SecondGetsItsOwnAndOnlyThat()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("header") with
        {
            Targets =
            [
                new TargetSpec { Host = "127.0.0.1", Port = FreePorts.Take(), ProxyProtocol = "v1" },
                new TargetSpec { Host = "127.0.0.1", Port = target.Port, ProxyProtocol = "v2" },
            ],
        };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        await down.SendAsync("x"u8.ToArray());
        down.EndSending();
        var got = await (await target.AcceptedAsync()).ReceiveToEndAsync();
        Assert.Equal(29, got.Length);
        Assert.Equal(s_signature, got[..12]);
        Assert.Equal((byte)'x', got[28]);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public async Task Header_TargetNeverReads_FlowIsNotHeldUpAndEndsWithItsPeer(string version)
    {
        await using var target = new LoopbackTarget(receiveBuffer: 1);
        await using var engine = new RunningEngine();
        var rule = Rule(version, target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        await up.SendAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await down.ReceiveAsync(5));
        down.Reset();
        await Eventually.Equals(0L, () => engine.Engine.Read().Vitals.FlowsActive, "the flow ends");
        Assert.Equal(1, engine.Sample("header").Ends.Values.Sum());
    }

    [Fact]
    public async Task Header_TinyWindowAndMuchData_ComesFirstAndWhole()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 1);
        await using var engine = new RunningEngine();
        var rule = Rule("v1", target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var sent = new byte[300_000];
        new Random(3).NextBytes(sent);
        var sending = down.SendAsync(sent);
        var up = await target.AcceptedAsync();
        var own = (IPEndPoint)(down.Socket.LocalEndPoint ?? throw new InvalidOperationException());
        var expected = Expected("v1", own, new IPEndPoint(IPAddress.Loopback, Port(rule)));
        foreach (var one in expected)
        {
            Assert.Equal(one, Assert.Single(await up.ReceiveAsync(1)));
        }

        Assert.Equal(sent, await up.ReceiveAsync(sent.Length));
        await sending;
    }

    private static RuleSpec Rule(string version, int port) => RunningEngine.Rule("header") with
    {
        Targets = [new TargetSpec { Host = "127.0.0.1", Port = port, ProxyProtocol = version }],
    };

    /// <summary>proxy-protocol.txt, sections 2.1 and 2.2, written down anew.</summary>
    private static byte[] Expected(string version, IPEndPoint from, IPEndPoint to)
    {
        var isIpv4 = from.Address.GetAddressBytes().Length == 4;
        if (version == "v1")
        {
            return Encoding.ASCII.GetBytes($"PROXY {(isIpv4 ? "TCP4" : "TCP6")} {from.Address} {to.Address} {from.Port} {to.Port}\r\n");
        }

        byte[] addresses = [.. from.Address.GetAddressBytes(), .. to.Address.GetAddressBytes(), .. PortBytes(from), .. PortBytes(to)];
        return [.. s_signature, 0x21, (byte)(isIpv4 ? 0x11 : 0x21), 0, (byte)addresses.Length, .. addresses];
    }

    private static byte[] PortBytes(IPEndPoint end) => [(byte)(end.Port >> 8), (byte)end.Port];

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

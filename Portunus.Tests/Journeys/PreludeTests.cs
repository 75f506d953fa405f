using System.Net;
using System.Text;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The header ahead of the payload, where it can go wrong.</summary>
public sealed class PreludeTests
{
    [Fact]
    public async Task Header_DualStackRule_SaysPlainIpv4AndTheAddressConnectedTo()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = Rule("dual", target.Port) with { ListenAddress = null };
        await engine.PutAsync(rule);
        foreach (var (to, family) in new[] { ("127.0.0.9", "TCP4"), ("::1", "TCP6") })
        {
            using var peer = await Peer.ConnectAsync(Port(rule), IPAddress.Parse(to));
            var own = Assert.IsType<IPEndPoint>(peer.Socket.LocalEndPoint);
            var line = $"PROXY {family} {own.Address} {to} {own.Port} {Port(rule)}\r\n";
            var upstream = await target.AcceptedAsync();
            Assert.Equal(line, Encoding.ASCII.GetString(await upstream.ReceiveAsync(line.Length)));
        }
    }

    [Fact]
    public async Task Target_ThatNeverReads_HoldsNothingUp()
    {
        await using var target = new LoopbackTarget(receiveBuffer: 1024);
        await using var engine = new RunningEngine();
        var rule = Rule("stuck", target.Port);
        await engine.PutAsync(rule);
        var peer = await Peer.ConnectAsync(Port(rule));
        await Eventually.Equals(1, () => engine.Sample("stuck").Traffic.FlowsActive, "the flow is relayed");
        await peer.SendAsync("x"u8.ToArray());
        peer.Reset();
        await Eventually.Equals(1, () => engine.Ends("stuck", FlowEnd.DownstreamReset), "the flow ends with its peer");
        Assert.Equal(0, engine.Sample("stuck").Traffic.FlowsActive);
    }

    [StraceFact]
    public async Task Header_CannotBeWritten_SameConnectionReachesTheNextTarget()
    {
        await using var first = LoopbackTarget.Echo();
        await using var second = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = Rule("next", first.Port) with
        {
            Targets = [new() { Host = "127.0.0.1", Port = first.Port, ProxyProtocol = "v1" }, new() { Host = "127.0.0.1", Port = second.Port, Priority = 1 }],
        };
        await engine.PutAsync(rule);
        using var strace = await Strace.FailAsync(engine.Pid, "sendto", "EPIPE", "1");
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());
        Assert.Equal((1, 1), (first.Count, second.Count));
        Assert.Equal(-1, (await strace.StopAsync())[0].Result);
    }

    private static RuleSpec Rule(string name, int target) =>
        RunningEngine.Rule(name) with { Targets = [new() { Host = "127.0.0.1", Port = target, ProxyProtocol = "v1" }] };

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

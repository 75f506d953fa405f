using System.Net.Sockets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A side that has sent its FIN is still watched: what happens to it afterwards reaches the other side.</summary>
public sealed class HalfClosedTests
{
    [Fact]
    public async Task Relay_DownstreamResetsAfterItsFin_UpstreamIsReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);

        var down = await Peer.ConnectAsync(Port(rule));
        await down.SendAsync("question"u8.ToArray());
        down.EndSending();
        var up = await target.AcceptedAsync();
        Assert.Equal("question"u8.ToArray(), await up.ReceiveToEndAsync());
        await SettledAsync(engine, rule);

        down.Reset();
        await Eventually.Equals(1L, () => engine.Ends("gone", FlowEnd.DownstreamReset), "the reset is noticed though the target is silent");
        await Eventually.Holds(() => IsBroken(up), "the target's socket is reset");
    }

    [Fact]
    public async Task Relay_UpstreamResetsAfterItsFin_DownstreamIsReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);

        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        up.EndSending();
        Assert.Empty(await down.ReceiveToEndAsync());
        await SettledAsync(engine, rule);

        up.Reset();
        await Eventually.Equals(1L, () => engine.Ends("gone", FlowEnd.UpstreamReset), "the reset is noticed though the other side is silent");
        await Eventually.Holds(() => IsBroken(down), "the other socket is reset");
    }

    [Fact]
    public async Task Relay_DownstreamEndsBeforeItsFirstByteAndResets_UpstreamIsReset()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine(loops: 1);
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);

        var down = await Peer.ConnectAsync(Port(rule));
        down.EndSending();
        var up = await target.AcceptedAsync();
        Assert.Empty(await up.ReceiveToEndAsync());
        await SettledAsync(engine, rule);

        down.Reset();
        await Eventually.Equals(1L, () => engine.Ends("gone", FlowEnd.DownstreamReset), "the reset is noticed though the target is silent");
    }

    /// <summary>Each loop has been round: a change passes through all of them, and what epoll reported before it has been dealt with.</summary>
    private static async Task SettledAsync(RunningEngine engine, RuleSpec rule)
    {
        await engine.PutAsync(rule);
        await engine.PutAsync(rule);
    }

    private static bool IsBroken(Peer peer) => peer.Socket.Poll(0, SelectMode.SelectError);

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

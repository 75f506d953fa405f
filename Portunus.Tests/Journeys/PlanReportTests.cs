using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What the engine tells of the plan in force, and rules that it could not read.</summary>
public sealed class PlanReportTests
{
    [Fact]
    public async Task Report_BeforeAPlan_IsEmpty()
    {
        await using var engine = new RunningEngine();

        Assert.Empty(engine.Engine.Report());
        Assert.Null(engine.Engine.Applied);
    }

    [Fact]
    public async Task Report_ListeningDisabledAndRemovedRules_AreAllInIt()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        await engine.PutAsync(RunningEngine.Rule("on", target.Port));
        await engine.PutAsync(RunningEngine.Rule("off", target.Port) with { Enabled = false });
        var buried = RunningEngine.Rule("buried", target.Port);
        await engine.PutAsync(buried);
        using var peer = await Peer.ConnectAsync(Port(buried));
        Assert.True(await peer.EchoesAsync());
        await engine.BuryAsync("buried");

        Assert.Equal(["listening", "stopped", "draining"], engine.Engine.Report().Select(rule => rule.Standing));
        Assert.Equal([1L, 3, 7], engine.Engine.Report().Select(rule => rule.Revision));
        Assert.Equal(new PlanRevision("", 8), engine.Engine.Applied);
    }

    [Fact]
    public async Task OutcomesChanged_DrainEnds_IsToldAndReportSaysStopped()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());
        await engine.BuryAsync("gone");
        var draining = engine.Reported("gone");
        var told = new TaskCompletionSource();
        engine.Engine.OutcomesChanged += () => told.TrySetResult();

        peer.EndSending();
        await Eventually.Within(told.Task);

        var stopped = engine.Reported("gone");
        Assert.Equal(("draining", "stopped"), (draining.Standing, stopped.Standing));
        Assert.True(stopped.Since > draining.Since, "a new standing has its own moment");
    }

    [Fact]
    public async Task OutcomesChanged_RefusedListenerIsBoundLater_IsToldWithItsMoment()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("late", target.Port);
        using var squatter = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        squatter.Bind(new IPEndPoint(IPAddress.Loopback, Port(rule)));
        squatter.Listen();
        await engine.PutAsync(rule);
        var refused = engine.Reported("late");
        var told = new TaskCompletionSource();
        engine.Engine.OutcomesChanged += () => told.TrySetResult();

        squatter.Dispose();
        await Eventually.Within(told.Task);

        Assert.Equal(("refused", "port_in_use", Port(rule)), (refused.Standing, refused.Refusal, refused.Port));
        Assert.NotNull(refused.Text);
        var bound = engine.Reported("late");
        Assert.Equal(("listening", null, null, null), (bound.Standing, bound.Refusal, bound.Port, bound.Text));
        Assert.True(bound.Since > refused.Since);
    }

    [Fact]
    public async Task OutcomesChanged_RuleExpires_IsTold()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var told = new TaskCompletionSource();
        engine.Engine.OutcomesChanged += () =>
        {
            if (engine.Reported("brief").Standing == "stopped")
            {
                told.TrySetResult();
            }
        };

        await engine.PutAsync(RunningEngine.Rule("brief", target.Port) with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(1) });

        await Eventually.Within(told.Task);
    }

    [Fact]
    public async Task Report_RuleChangesAndStaysWhereItWas_KeepsItsMoment()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("same", target.Port);
        await engine.PutAsync(rule);
        var first = engine.Reported("same");

        await engine.PutAsync(rule with { IdleSeconds = 9 });

        Assert.Equal(first with { Revision = 3 }, engine.Reported("same"));
    }

    [Fact]
    public async Task Unread_RuleThatRan_IsRefusedAndNobodyGetsInUnderTheOldOne()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("newer", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());

        var outcome = await engine.UnreadAsync("newer");

        Assert.Equal(new RuleOutcome(outcome.Rule, RuleStanding.Refused, BindRefusal.NotSupported, 0, "This edge does not know spin."), outcome);
        Assert.Equal(("refused", "not_supported", 3L), (engine.Reported("newer").Standing, engine.Reported("newer").Refusal, engine.Reported("newer").Revision));
        Assert.Equal(RuleStanding.Refused, engine.Sample("newer").Outcome.Standing);
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        Assert.True(await peer.EchoesAsync(), "its flow goes on");

        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.True(await peer.EchoesAsync());
        using var fresh = await Peer.ConnectAsync(Port(rule));
        Assert.True(await fresh.EchoesAsync());
        Assert.Equal(2, engine.Sample("newer").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Unread_WithAnOrderToCut_CutsOlderFlows()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("cut", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());

        await engine.UnreadAsync("cut", cut: new FlowOrder(engine.NextRevision, null));

        await peer.ReceiveToResetAsync();
    }

    [Fact]
    public async Task Unread_ItsEndPasses_CutsWhatItLeft()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("ends", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());
        await engine.UnreadAsync("ends");
        Assert.True(await peer.EchoesAsync());

        await engine.UnreadAsync("ends", until: DateTimeOffset.UtcNow);

        await peer.ReceiveToResetAsync();
        Assert.Equal("refused", engine.Reported("ends").Standing);
    }

    [Fact]
    public async Task Unread_ThenRemoved_FlowsDrainAsAfterAnyRemoval()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("removed", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());
        await engine.UnreadAsync("removed");

        await engine.BuryAsync("removed", drain: new FlowOrder(engine.NextRevision, DateTimeOffset.UtcNow));

        await peer.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Reported("removed").Standing == "stopped", "the removed rule stops");
    }

    [Fact]
    public async Task Unread_ThatNeverRan_IsRefusedAndTheOthersAreServed()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        await engine.UnreadAsync("strange");
        var rule = RunningEngine.Rule("plain", target.Port);

        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.Equal(["refused", "listening"], engine.Engine.Report().Select(one => one.Standing));
        Assert.Equal(["plain"], engine.Engine.Read().Rules.Select(one => one.Name));
    }

    private static int Port(Portunus.Shared.Rules.RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

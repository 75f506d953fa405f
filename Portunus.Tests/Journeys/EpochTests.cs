using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What a control plane whose store was restored asks of an edge that has seen more than it remembers.</summary>
public sealed class EpochTests
{
    [Fact]
    public async Task Apply_LowerPlanOfAnotherEpoch_TakesOverAndOneOfTheOldDoesNotReturn()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 100);
        await engine.PutAsync(RunningEngine.Rule("kept", target.Port));

        engine.Restore("second");
        await engine.PutAsync(RunningEngine.Rule("added", target.Port));

        Assert.Equal(new PlanRevision("second", 2), engine.Engine.Applied);
        Assert.Equal(["listening", "listening"], engine.Engine.Report().Select(rule => rule.Standing));
    }

    [Fact]
    public async Task Apply_EqualRuleRevisionOfAnotherEpoch_OtherContentIsServed()
    {
        await using var first = LoopbackTarget.Echo();
        await using var second = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 7);
        var rule = RunningEngine.Rule("web", first.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());

        engine.Restore("second", 7);
        await engine.PutAsync(rule with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = second.Port }] });

        using var fresh = await Peer.ConnectAsync(Port(rule));
        Assert.True(await fresh.EchoesAsync());
        Assert.True(await old.EchoesAsync(), "nothing says that it must end");
        Assert.Equal((1, 1), (first.Count, second.Count));
    }

    [Fact]
    public async Task Apply_OrderOfALowerRevisionOfAnotherEpoch_CutsWhatWasOpenedBefore()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 5000);
        var rule = RunningEngine.Rule("web", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());

        engine.Restore("second");
        await engine.PutAsync(rule with { IdleSeconds = 9 }, cut: new FlowOrder(engine.NextRevision, null));

        await old.ReceiveToResetAsync();
        using var fresh = await Peer.ConnectAsync(Port(rule));
        Assert.True(await fresh.EchoesAsync());
    }

    [Fact]
    public async Task Apply_OldOrderOverTheSameRule_CutsNothingAndTheNextOneDoes()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 5000);
        var rule = RunningEngine.Rule("web", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());

        // The restored row still says that flows from before its revision 15 must end.
        engine.Restore("second", 20);
        await engine.PutAsync(rule, cut: new FlowOrder(15, null));
        Assert.True(await old.EchoesAsync());
        using var fresh = await Peer.ConnectAsync(Port(rule));
        Assert.True(await fresh.EchoesAsync());

        await engine.PutAsync(rule with { IdleSeconds = 9 }, cut: new FlowOrder(engine.NextRevision, null));
        await old.ReceiveToResetAsync();
        await fresh.ReceiveToResetAsync();
    }

    [Fact]
    public async Task Apply_TombstoneOfALowerRevisionOfAnotherEpoch_CutsTheFlows()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 5000);
        var rule = RunningEngine.Rule("web", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());

        engine.Restore("second");
        await engine.BuryAsync("web", cut: new FlowOrder(engine.NextRevision, null));

        await old.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Reported("web").Standing == "stopped", "the buried rule stops");
    }

    [Fact]
    public async Task Apply_DrainsWhenTheEpochChanges_ObeysTheOrdersOfTheNewOne()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        engine.Restore("first", 10);
        var rule = RunningEngine.Rule("web", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());
        var order = new FlowOrder(1, null);
        await engine.BuryAsync("web", cut: order);
        Assert.True(await old.EchoesAsync(), "it was opened under a later revision, and has the time of any removal");

        // Word for word the same order, and yet one about every flow there is.
        engine.Restore("second");
        await engine.BuryAsync("web", cut: order);

        await old.ReceiveToResetAsync();
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

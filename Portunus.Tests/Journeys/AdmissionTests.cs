using System.Diagnostics;
using System.Net;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Who is let in: allow and deny, new flows per second, flows at once, by rule and by owner.</summary>
public sealed class AdmissionTests
{
    [Fact]
    public async Task NewFlows_MoreThanTheBurst_AreResetAndCounted()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Limited("rate", target, new LimitSpec { NewFlowsPerSecond = 1, NewFlowsBurst = 3 });
        await engine.PutAsync(rule);

        var watch = Stopwatch.StartNew();
        var served = 0;
        for (var i = 0; i < 20; i++)
        {
            served += await Peer.IsServedAsync(Port(rule)) ? 1 : 0;
        }

        Assert.InRange(served, 3, 3 + (int)Math.Ceiling(watch.Elapsed.TotalSeconds));
        await Eventually.Equals(20L - served, () => engine.Ends("rate", FlowEnd.RuleFlowRate), "refusals are counted");
        Assert.Equal(20, engine.Sample("rate").Accepted);
        await Eventually.Holds(() => Peer.IsServedAsync(Port(rule)).GetAwaiter().GetResult(), "the rate lets more in later");
    }

    [Fact]
    public async Task FlowsAtOnce_OneTooMany_IsResetAndAPlaceThatIsFreeIsGivenAgain()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Limited("count", target, new LimitSpec { ConcurrentFlows = 2 });
        await engine.PutAsync(rule);

        using var one = await Peer.ConnectAsync(Port(rule));
        using var two = await Peer.ConnectAsync(Port(rule));
        Assert.True(await one.EchoesAsync());
        Assert.True(await two.EchoesAsync());
        await Peer.ConnectToBeResetAsync(Port(rule));
        Assert.Equal(1, engine.Ends("count", FlowEnd.RuleConcurrent));
        Assert.True(await one.EchoesAsync());

        one.Dispose();
        await Eventually.Holds(() => Peer.IsServedAsync(Port(rule)).GetAwaiter().GetResult(), "the free place is given again");
        Assert.True(await two.EchoesAsync());
    }

    [Fact]
    public async Task FlowsAtOnce_LimitLowered_LiveFlowsStayAndNoneIsAdded()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("lowered", target.Port);
        await engine.PutAsync(rule);
        using var one = await Peer.ConnectAsync(Port(rule));
        using var two = await Peer.ConnectAsync(Port(rule));
        Assert.True(await one.EchoesAsync());
        Assert.True(await two.EchoesAsync());

        await engine.PutAsync(rule with { Limits = new LimitSpec { ConcurrentFlows = 1 } });
        Assert.True(await one.EchoesAsync());
        Assert.True(await two.EchoesAsync());
        await Peer.ConnectToBeResetAsync(Port(rule));
        Assert.Equal(2, engine.Sample("lowered").Traffic.FlowsActive);
    }

    [Fact]
    public async Task FlowsAtOnce_OwnerAndRuleBothFull_OwnerIsTheReason()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var owner = AccountId.New();
        await engine.LimitOwnerAsync(owner, new LimitSpec { ConcurrentFlows = 1 });
        var rule = Limited("owned", target, new LimitSpec { ConcurrentFlows = 1 });
        await engine.PutAsync(rule, owner: owner);

        using var one = await Peer.ConnectAsync(Port(rule));
        Assert.True(await one.EchoesAsync());
        await Peer.ConnectToBeResetAsync(Port(rule));
        Assert.Equal(1, engine.Ends("owned", FlowEnd.OwnerConcurrent));
        Assert.Equal(0, engine.Ends("owned", FlowEnd.RuleConcurrent));
    }

    [Fact]
    public async Task FlowsAtOnce_TwoRulesOfOneOwner_ShareTheLimitAndAStrangerDoesNot()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var owner = AccountId.New();
        await engine.LimitOwnerAsync(owner, new LimitSpec { ConcurrentFlows = 1 });
        var first = RunningEngine.Rule("first", target.Port);
        var second = RunningEngine.Rule("second", target.Port);
        var strange = RunningEngine.Rule("strange", target.Port);
        await engine.PutAsync(first, owner: owner);
        await engine.PutAsync(second, owner: owner);
        await engine.PutAsync(strange, owner: AccountId.New());

        using var one = await Peer.ConnectAsync(Port(first));
        Assert.True(await one.EchoesAsync());
        await Peer.ConnectToBeResetAsync(Port(second));
        Assert.Equal(1, engine.Ends("second", FlowEnd.OwnerConcurrent));
        Assert.True(await Peer.IsServedAsync(Port(strange)));
    }

    [Fact]
    public async Task NewFlows_OwnersRateIsSpent_EveryRuleOfTheOwnerRefuses()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var owner = AccountId.New();
        var first = Limited("first", target, new LimitSpec { NewFlowsPerSecond = 1 });
        var second = RunningEngine.Rule("second", target.Port);
        await engine.PutAsync(first, owner: owner);
        await engine.PutAsync(second, owner: owner);

        // Set while the rules are there: it begins empty, so only time fills it.
        await engine.LimitOwnerAsync(owner, new LimitSpec { NewFlowsPerSecond = 1 });
        var served = 0;
        await Eventually.Holds(
            () => (served += Peer.IsServedAsync(Port(second)).GetAwaiter().GetResult() ? 1 : 0) > 0, "the owner's rate lets one in");
        await Peer.ConnectToBeResetAsync(Port(first));
        Assert.Equal(1, engine.Ends("first", FlowEnd.OwnerFlowRate));
        Assert.Equal(0, engine.Ends("first", FlowEnd.RuleFlowRate));

        await engine.LimitOwnerAsync(owner, LimitSpec.None);
        Assert.True(await Peer.IsServedAsync(Port(second)));
    }

    [Fact]
    public async Task Access_AllowAndDenyOnADualStackRule_AskForThePlainAddressAndDenyWins()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("access", target.Port) with { ListenAddress = null, Allow = ["127.0.0.0/30"], Deny = ["127.0.0.2/32"] };
        await engine.PutAsync(rule);

        // The peers of a dual-stack socket come as ::ffff:127.0.0.x.
        Assert.True(await Peer.IsServedAsync(Port(rule), from: IPAddress.Parse("127.0.0.1")));
        Assert.False(await Peer.IsServedAsync(Port(rule), from: IPAddress.Parse("127.0.0.2")));
        Assert.True(await Peer.IsServedAsync(Port(rule), from: IPAddress.Parse("127.0.0.3")));
        Assert.False(await Peer.IsServedAsync(Port(rule), from: IPAddress.Parse("127.0.0.4")));
        Assert.False(await Peer.IsServedAsync(Port(rule), IPAddress.IPv6Loopback));
        await Eventually.Equals(3L, () => engine.Ends("access", FlowEnd.Denied), "refusals are counted");
        Assert.Equal(2, target.Count);
    }

    [Fact]
    public async Task Access_DenyOnly_LetsEverybodyElseIn()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("deny", target.Port) with { ListenAddress = null, Deny = ["::1"] };
        await engine.PutAsync(rule);
        Assert.False(await Peer.IsServedAsync(Port(rule), IPAddress.IPv6Loopback));
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    [Fact]
    public async Task Access_Denied_SpendsNothingOfTheLimits()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Limited("order", target, new LimitSpec { NewFlowsPerSecond = 1, NewFlowsBurst = 1 }) with { Deny = ["127.0.0.2"] };
        await engine.PutAsync(rule);
        for (var i = 0; i < 5; i++)
        {
            Assert.False(await Peer.IsServedAsync(Port(rule), from: IPAddress.Parse("127.0.0.2")));
        }

        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.Equal(5, engine.Ends("order", FlowEnd.Denied));
    }

    [Fact]
    public async Task Access_Changed_NewFlowsObeyAndLiveOnesStay()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("change", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await engine.PutAsync(rule with { Deny = ["127.0.0.0/8"] });
        Assert.True(await live.EchoesAsync());
        Assert.False(await Peer.IsServedAsync(Port(rule)));
        await engine.PutAsync(rule);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    private static RuleSpec Limited(string name, LoopbackTarget target, LimitSpec limits) =>
        RunningEngine.Rule(name, target.Port) with { Limits = limits };

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

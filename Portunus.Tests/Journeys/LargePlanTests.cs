using System.Net;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A plan as large as one edge is meant to carry.</summary>
public sealed class LargePlanTests
{
    private const int Rules = 5000;

    [Fact]
    public async Task Apply_FiveThousandRules_AllListenAndOneChangeTouchesOneRule()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var port = FreePorts.Take();
        var rules = Enumerable.Range(0, Rules).Select(index => new PlannedRule
        {
            Id = RuleId.FromName($"rule {index}"),
            Revision = 1,
            Rule = RuleCheck.Check(new RuleSpec { Name = $"rule {index}", ListenAddress = Address(index), ListenPort = port, Target = $"127.0.0.1:{target.Port}" }).Rule,
        }).ToList();
        await ApplyAsync(1);
        Assert.Equal(Rules, engine.Engine.Report().Count(rule => rule.Standing == "listening"));
        using var peer = await Peer.ConnectAsync(port, IPAddress.Parse(Address(Rules - 1)));
        Assert.True(await peer.EchoesAsync());
        var before = engine.Engine.Report();

        rules[17] = rules[17] with { Revision = 2, Rule = rules[17].Rule! with { Idle = TimeSpan.FromSeconds(9) } };
        await ApplyAsync(2);

        var after = engine.Engine.Report();
        Assert.Equal([17], Enumerable.Range(0, Rules).Where(index => !ReferenceEquals(before[index], after[index])));
        Assert.True(await peer.EchoesAsync());

        Task<IReadOnlyList<RuleOutcome>> ApplyAsync(long revision) => Eventually.Within(
            engine.Engine.ApplyAsync(new EdgePlan(revision, rules, new Dictionary<AccountId, LimitSpec>()), CancellationToken.None));
    }

    private static string Address(int index) => $"127.9.{index / 250}.{1 + (index % 250)}";
}

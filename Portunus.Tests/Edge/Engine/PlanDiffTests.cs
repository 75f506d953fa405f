using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Engine;

public sealed class PlanDiffTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PlannedRule s_rule = new() { Id = RuleId.New(), Revision = 3, Rule = Rule(null) };

    [Fact]
    public void SameRevision_IsLeftAlone()
    {
        var diff = Diff(s_rule with { Rule = Rule(null) });

        Assert.Equal((0, 0, 0), (diff.Added.Count, diff.Changed.Count, diff.Removed.Count));
    }

    [Fact]
    public void EndMoved_ChangesARuleOfTheSameRevision()
    {
        Assert.Single(Diff(s_rule with { Rule = Rule(s_now.AddHours(1)) }).Changed);
    }

    [Fact]
    public void LocalTargetsTakenAway_ChangesARuleOfTheSameRevision()
    {
        Assert.Single(Diff(s_rule with { LocalTargets = false }).Changed);
    }

    [Fact]
    public void ExpiredRule_IsRemoved()
    {
        Assert.Single(Diff(s_rule with { Rule = Rule(s_now) }).Removed);
    }

    [Fact]
    public void EpochBegins_SameRuleUnderTheSameRevision_IsLeftAlone()
    {
        Assert.Empty(Diff(s_rule with { Rule = Rule(null) }, isNewEpoch: true).Changed);
    }

    [Fact]
    public void EpochBegins_OtherRuleUnderTheSameRevision_IsChanged()
    {
        var other = Rule(null) with { Idle = TimeSpan.FromSeconds(9) };

        Assert.Single(Diff(s_rule with { Rule = other }, isNewEpoch: true).Changed);
    }

    [Fact]
    public void EpochBegins_OtherEndOfTheSameRule_IsChanged()
    {
        Assert.Single(Diff(s_rule with { Rule = Rule(s_now.AddHours(1)) }, isNewEpoch: true).Changed);
    }

    private static PlanDiff Diff(PlannedRule planned, bool isNewEpoch = false) =>
        PlanDiff.Between(new Dictionary<RuleId, PlannedRule> { [s_rule.Id] = s_rule }, new EdgePlan(2, [planned], new Dictionary<AccountId, LimitSpec>()), isNewEpoch, s_now);

    private static CheckedRule Rule(DateTimeOffset? end) =>
        RuleCheck.Check(new RuleSpec { Name = "web", ListenPort = 80, Target = "192.0.2.1:80", ExpiresAt = end }).Rule!;
}

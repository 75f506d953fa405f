using Portunus.Edge.Engine;
using Portunus.Edge.Limits;
using Portunus.Edge.Metering;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Engine;

public sealed class RunningRulesTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void UntilNextDuty_NothingIsDue_IsLong() => Assert.Equal(TimeSpan.FromHours(1), With(Rule(null)).UntilNextDuty(s_now, 0));

    [Fact]
    public void UntilNextDuty_RuleEndsSoon_IsThen() => Assert.Equal(TimeSpan.FromSeconds(2), With(Rule(s_now.AddSeconds(2))).UntilNextDuty(s_now, 0));

    /// <summary>The clock may be set past it meanwhile.</summary>
    [Fact]
    public void UntilNextDuty_RuleEndsMuchLater_LooksAtTheClockBeforeLong() =>
        Assert.Equal(TimeSpan.FromSeconds(5), With(Rule(s_now.AddHours(5))).UntilNextDuty(s_now, 0));

    [Fact]
    public void UntilNextDuty_FlowsHaveADeadlineMuchLater_LooksAtTheClockBeforeLong()
    {
        var rule = Rule(null);
        rule.Drain = (1, s_now.AddHours(5));

        Assert.Equal(TimeSpan.FromSeconds(5), With(rule).UntilNextDuty(s_now, 0));
    }

    private static RunningRules With(RunningRule rule)
    {
        var rules = new RunningRules();
        rules.Wanted[rule.Id] = rule;
        return rules;
    }

    private static RunningRule Rule(DateTimeOffset? end)
    {
        var spec = RuleCheck.Check(new RuleSpec { Name = "web", ListenPort = 80, Target = "192.0.2.1:80", ExpiresAt = end }).Rule!;
        var planned = new PlannedRule { Id = RuleId.New(), Revision = 1, Rule = spec };
        var model = new RuleModel
        {
            Rule = spec,
            Revision = 1,
            Targets = TargetSet.Compile(spec.Targets, spec.Balance, null, TimeProvider.System),
            Access = new SourceAccess(spec.Allow, spec.Deny),
            ConnectTimeoutTicks = 1,
            IdleTicks = 0,
            UdpIdleTicks = 1,
            UdpMaxFlows = 1,
        };
        var limits = RuleLimits.Build(spec.Limits, null, null, 0);
        var counted = new CountedRules().Open(planned.Id, null, loops: 1);
        return new RunningRule(planned, new RuleState(planned.Id, model, limits, [new RuleCounters(counted.Records[0])]), counted, new RevisionScale(0));
    }
}

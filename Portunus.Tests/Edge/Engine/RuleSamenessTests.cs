using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Engine;

public sealed class RuleSamenessTests
{
    private static readonly RuleSpec s_spec = new()
    {
        Name = "web",
        ListenPort = 80,
        ListenAddress = "192.0.2.1",
        Targets = [new TargetSpec { Host = "192.0.2.7", Port = 80 }, new TargetSpec { Host = "db.example", Port = 81 }],
        Allow = ["10.0.0.0/8", "2001:db8::/32"],
        Deny = ["10.1.0.0/16"],
        Limits = new LimitSpec { ConcurrentFlows = 5 },
        HealthCheck = new HealthCheckSpec { IntervalSeconds = 5 },
    };

    public static TheoryData<string, RuleSpec> Others => new()
    {
        { "name", s_spec with { Name = "other" } },
        { "port", s_spec with { ListenPort = 81 } },
        { "address", s_spec with { ListenAddress = "192.0.2.2" } },
        { "target", s_spec with { Targets = [new TargetSpec { Host = "192.0.2.8", Port = 80 }, new TargetSpec { Host = "db.example", Port = 81 }] } },
        { "targets", s_spec with { Targets = [new TargetSpec { Host = "192.0.2.7", Port = 80 }] } },
        { "allow", s_spec with { Allow = ["10.0.0.0/8"] } },
        { "deny", s_spec with { Deny = null } },
        { "limits", s_spec with { Limits = new LimitSpec { ConcurrentFlows = 6 } } },
        { "health", s_spec with { HealthCheck = null } },
        { "idle", s_spec with { IdleSeconds = 7 } },
        { "switch", s_spec with { Enabled = false } },
    };

    [Fact]
    public void IsSame_ReadTwice_IsTrue() => Assert.True(RuleSameness.IsSame(Planned(s_spec), Planned(s_spec)));

    [Fact]
    public void IsSame_AnotherRevisionAndEnd_IsTrue() =>
        Assert.True(RuleSameness.IsSame(Planned(s_spec), Planned(s_spec with { ExpiresAt = DateTimeOffset.MaxValue }) with { Revision = 99 }));

    [Theory]
    [MemberData(nameof(Others))]
    public void IsSame_OneThingIsOtherwise_IsFalse(string what, RuleSpec other) =>
        Assert.False(RuleSameness.IsSame(Planned(s_spec), Planned(other)), what);

    [Fact]
    public void IsSame_OtherOwnerOrReach_IsFalse()
    {
        Assert.False(RuleSameness.IsSame(Planned(s_spec), Planned(s_spec) with { Owner = AccountId.New() }));
        Assert.False(RuleSameness.IsSame(Planned(s_spec), Planned(s_spec) with { LocalTargets = false }));
        Assert.False(RuleSameness.IsSame(Planned(s_spec), Planned(s_spec) with { Rule = null }));
    }

    private static PlannedRule Planned(RuleSpec spec)
    {
        var read = RuleCheck.Check(spec);
        Assert.Empty(read.Problems);
        return new PlannedRule { Id = RuleId.FromName("web"), Revision = 1, Rule = read.Rule };
    }
}

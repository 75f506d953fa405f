using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Bench;

/// <summary>Rules to measure with: ordinary ones, each on a port of its own.</summary>
internal static class SampleRules
{
    public const int FirstPort = 10_000;

    /// <summary>A rule as somebody would ask for it, with a bit of everything.</summary>
    public static RuleSpec Spec(int index) => new()
    {
        Name = $"rule-{index}",
        ListenPort = FirstPort + index,
        Targets = [new TargetSpec { Host = "192.0.2.10", Port = 443 }, new TargetSpec { Host = "backup.example.net", Port = 443, Priority = 1 }],
        Balance = "round_robin",
        Deny = ["198.51.100.0/24", "2001:db8:1::/48"],
        Limits = new LimitSpec { BytesPerSecondIn = 10_000_000, ConcurrentFlows = 1000 },
        Note = "a note",
    };

    public static CheckedRule Checked(int index) =>
        RuleCheck.Check(Spec(index)).Rule ?? throw new InvalidOperationException("the sample rule is wrong");

    public static PlannedRule[] Planned(int count) =>
        [.. Enumerable.Range(0, count).Select(index => new PlannedRule { Id = RuleId.New(), Revision = 1, Rule = Checked(index) })];
}

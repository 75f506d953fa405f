using System.Globalization;
using System.Reflection;
using System.Text;
using Portunus.Edge.Standalone;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Standalone;

public sealed class FilePlansTests
{
    private readonly FilePlans _plans = new(TimeProvider.System);

    [Fact]
    public void Next_SameText_KeepsEveryRuleAsItWas()
    {
        var first = _plans.Next(File(Rule("a", 8080), Rule("b", 8081)));
        var second = _plans.Next(File(Rule("b", 8081), Rule("a", 8080)));
        Assert.True(second.Plan.Revision.Number > first.Plan.Revision.Number);
        Assert.Same(Planned(first, "a"), Planned(second, "a"));
        Assert.Same(Planned(first, "b"), Planned(second, "b"));
        Assert.Equal((0, 0, 0), (second.Added, second.Changed, second.Removed));
    }

    [Fact]
    public void Next_ChangedRule_HasAHigherRevisionAndTheOthersDoNot()
    {
        var first = _plans.Next(File(Rule("a", 8080), Rule("b", 8081)));
        var second = _plans.Next(File(Rule("a", 8082), Rule("b", 8081), Rule("c", 8083)));
        Assert.True(Planned(second, "a").Revision > Planned(first, "a").Revision);
        Assert.Null(Planned(second, "a").CutBefore);
        Assert.Null(Planned(second, "a").DrainBefore);
        Assert.Same(Planned(first, "b"), Planned(second, "b"));
        Assert.Equal((1, 1, 0), (second.Added, second.Changed, second.Removed));
    }

    [Fact]
    public void Next_CutPolicy_CutsOlderFlowsOfChangedRulesOnly()
    {
        _plans.Next(File(Rule("a", 8080), Rule("b", 8081)));
        var second = _plans.Next(File(Global("reload_flows = \"cut\""), Rule("a", 8082), Rule("b", 8081)));
        Assert.Equal(new FlowOrder(Planned(second, "a").Revision, null), Planned(second, "a").CutBefore);
        Assert.Null(Planned(second, "b").CutBefore);
    }

    [Fact]
    public void Next_DrainPolicy_SetsADeadlineThatALaterKeepRespects()
    {
        _plans.Next(File(Rule("a", 8080)));
        var before = DateTimeOffset.UtcNow;
        var second = _plans.Next(File(Global("reload_flows = \"drain\"\nshutdown_drain_secs = 100"), Rule("a", 8082)));
        var order = Planned(second, "a").DrainBefore;
        Assert.Equal(Planned(second, "a").Revision, order?.Revision);
        Assert.InRange(order?.Deadline ?? default, before.AddSeconds(100), DateTimeOffset.UtcNow.AddSeconds(100));

        var third = _plans.Next(File(Rule("a", 8083)));
        Assert.Equal(order, Planned(third, "a").DrainBefore);
    }

    [Theory]
    [InlineData("keep", false)]
    [InlineData("drain", false)]
    [InlineData("cut", true)]
    public void Next_RemovedRule_IsATombstoneForOnePlan(string policy, bool cut)
    {
        _plans.Next(File(Rule("a", 8080), Rule("b", 8081)));
        var second = _plans.Next(File(Global($"reload_flows = \"{policy}\"\nshutdown_drain_secs = 7"), Rule("b", 8081)));
        var stone = Planned(second, "a");
        Assert.Null(stone.Rule);
        Assert.Equal(cut, stone.CutBefore is not null);
        Assert.Equal(!cut, stone.DrainBefore is not null);
        Assert.Equal(1, second.Removed);
        Assert.DoesNotContain(_plans.Next(File(Rule("b", 8081))).Plan.Rules, rule => rule.Rule is null);
    }

    [Fact]
    public void Next_DisabledRule_DrainsEvenUnderKeep()
    {
        _plans.Next(File(Rule("a", 8080), Rule("b", 8081)));
        var second = _plans.Next(File(Rule("a", 8080, "enabled = false"), Rule("b", 8081)));
        Assert.NotNull(Planned(second, "a").DrainBefore);
        Assert.False(Planned(second, "a").Rule?.Enabled);
    }

    [Fact]
    public void Same_AnyFieldChanged_IsSeen()
    {
        var one = Full(1);
        Assert.True(SpecEquality.Same(one, Full(1)));
        foreach (var property in typeof(RuleSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var other = Full(1);
            property.SetValue(other, property.GetValue(Full(2)));
            Assert.False(SpecEquality.Same(one, other), property.Name);
            property.SetValue(other, null);
            Assert.False(SpecEquality.Same(one, other), property.Name);
        }
    }

    /// <summary>Every field set, every list longer than nothing.</summary>
    private static RuleSpec Full(int seed)
    {
        var spec = new RuleSpec();
        foreach (var property in typeof(RuleSpec).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var text = seed.ToString(CultureInfo.InvariantCulture);
            property.SetValue(spec, property.PropertyType switch
            {
                var type when type == typeof(string) => text,
                var type when type == typeof(long?) => (long)seed,
                var type when type == typeof(bool?) => seed == 1,
                var type when type == typeof(DateTimeOffset?) => DateTimeOffset.UnixEpoch.AddDays(seed),
                var type when type == typeof(IReadOnlyList<string>) => new[] { "same", text },
                var type when type == typeof(IReadOnlyList<TargetSpec>) => new[] { new TargetSpec { Host = "same" }, new TargetSpec { Host = text } },
                var type when type == typeof(LimitSpec) => new LimitSpec { ConcurrentFlows = seed },
                var type when type == typeof(HealthCheckSpec) => new HealthCheckSpec { Fall = seed },
                var type => throw new NotSupportedException($"{property.Name} is a {type}: say here how to fill it"),
            });
        }

        return spec;
    }

    private static PlannedRule Planned(FilePlan plan, string name) => plan.Plan.Rules.Single(rule => rule.Id == RuleId.FromName(name));

    private static string Global(string keys) => $"[global]\n{keys}\n";

    private static string Rule(string name, int port, string more = "") =>
        $"[[rule]]\nname = \"{name}\"\nlisten_port = {port}\ntarget = \"192.0.2.1:80\"\n{more}\n";

    private static RuleFile File(params string[] parts)
    {
        var read = RuleFileReader.Read(Encoding.UTF8.GetBytes(string.Concat(parts)));
        Assert.Empty(read.Problems);
        return Assert.IsType<RuleFile>(read.File);
    }
}

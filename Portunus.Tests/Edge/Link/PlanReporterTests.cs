using System.Text.Json;
using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;

namespace Portunus.Tests.Edge.Link;

public sealed class PlanReporterTests
{
    private static readonly PlanRevision s_revision = new(Guid.NewGuid().ToString(), long.MaxValue);

    [Fact]
    public void Cut_NoRules_IsOnePartThatIsTheLast()
    {
        var part = Assert.Single(PlanReporter.Cut(s_revision, []));
        Assert.True(part.IsLast);
        Assert.Equal(s_revision, part.Revision);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0001\"\\é")]
    public void Cut_ManyRules_EachPartFitsAndNothingIsLost(string text)
    {
        var sentence = string.Concat(Enumerable.Repeat(text, 1000));
        var rules = Enumerable.Range(0, 3000)
            .Select(_ => new ReportedRule(RuleId.New(), long.MaxValue, "draining", DateTimeOffset.MaxValue, "out_of_descriptors_or_so", 65535, sentence)).ToList();
        var parts = PlanReporter.Cut(s_revision, rules).ToList();

        Assert.Equal(rules.Select(rule => rule.Rule), parts.SelectMany(part => part.Rules).Select(rule => rule.Rule));
        Assert.All(parts, part => Assert.True(
            JsonSerializer.SerializeToUtf8Bytes(part, LinkJson.Default.PlanReport).Length <= PlanReporter.MaxPartBytes, "a part is too large"));
        Assert.True(parts.Count > 1);
        Assert.All(parts.SkipLast(1), part => Assert.False(part.IsLast));
        Assert.True(parts[^1].IsLast);
        Assert.All(parts.SelectMany(part => part.Rules), rule => Assert.True(rule.Text?.Length <= PlanReporter.MaxText));
    }
}

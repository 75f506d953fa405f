using System.Text.Json;
using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class BatchCutterTests
{
    private static readonly TrafficCount s_most = new(
        long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void Cut_Rules_AllOfThemOnceInOrderInBatchesThatFit(int count)
    {
        var rules = Enumerable.Range(0, count).Select(i => Totals(i)).ToList();
        var batches = new BatchCutter().Cut(Look(rules));
        Assert.Equal(rules, batches.SelectMany(batch => batch.Rules));
        Assert.All(batches, batch => Assert.InRange(Bytes(batch), 1, BatchCutter.MostBytes));
        Assert.Equal([.. Enumerable.Repeat(false, batches.Count - 1), true], batches.Select(batch => batch.IsLast));
        Assert.NotNull(batches[0].Vitals);
        Assert.All(batches.Skip(1), batch => Assert.Null(batch.Vitals));
        Assert.All(batches, batch => Assert.Equal(7, batch.Sequence));
        // Not cut finer than need be.
        Assert.InRange(batches.Count, 1, 1 + (rules.Sum(rule => JsonSerializer.SerializeToUtf8Bytes(rule, LinkJson.Default.RuleTotals).Length) / 170_000));
    }

    [Fact]
    public void Cut_WidestRuleWithTheLargestCounters_IsAloneAndTheHubTakesIt()
    {
        var wide = Totals(1) with { Ports = [.. Enumerable.Range(64000, 1024).Select(port => new PortTotals(port, s_most))] };
        var batches = new BatchCutter().Cut(Look([Totals(0), wide, Totals(2)]));
        Assert.Equal(3, batches.Count);
        Assert.Same(wide, Assert.Single(batches[1].Rules));
        Assert.InRange(Bytes(batches[1]), 1, 250_000);
    }

    private static int Bytes(SampleBatch batch) => JsonSerializer.SerializeToUtf8Bytes(batch, LinkJson.Default.SampleBatch).Length;

    private static SampleBatch Look(IReadOnlyList<RuleTotals> rules) => new()
    {
        Boot = Guid.NewGuid(),
        Sequence = 7,
        TakenAt = DateTimeOffset.UtcNow,
        IsLast = true,
        Vitals = SampleEdge.Sample(0).Vitals,
        Rules = rules,
    };

    private static RuleTotals Totals(int number) => new()
    {
        Rule = RuleId.FromName($"{number}"),
        Owner = AccountId.New(),
        Traffic = s_most,
        Accepted = number,
        Ends = new Dictionary<string, long> { ["completed"] = number },
        Targets = [new TargetTotals("target.example", 443, "up", s_most, 0, 1.5)],
    };
}

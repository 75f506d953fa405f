using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Limits stand for rules and for owners; zero is not a limit, and a burst is drawn from its rate.</summary>
public sealed class LimitCheckTests
{
    private static readonly Dictionary<string, (long Most, Func<long, LimitSpec> Limit)> s_rates = new()
    {
        ["limits.bytes_per_second_in"] = (12_500_000_000, value => new() { BytesPerSecondIn = value }),
        ["limits.bytes_per_second_out"] = (12_500_000_000, value => new() { BytesPerSecondOut = value }),
        ["limits.new_flows_per_second"] = (10_000_000, value => new() { NewFlowsPerSecond = value }),
        ["limits.concurrent_flows"] = (10_000_000, value => new() { ConcurrentFlows = value }),
    };

    private static readonly Dictionary<string, Func<long, long?, LimitSpec>> s_bursts = new()
    {
        ["limits.burst_bytes_in"] = (burst, rate) => new() { BurstBytesIn = burst, BytesPerSecondIn = rate },
        ["limits.burst_bytes_out"] = (burst, rate) => new() { BurstBytesOut = burst, BytesPerSecondOut = rate },
        ["limits.new_flows_burst"] = (burst, rate) => new() { NewFlowsBurst = burst, NewFlowsPerSecond = rate },
    };

    public static TheoryData<string> Rates() => [.. s_rates.Keys];

    public static TheoryData<string> Bursts() => [.. s_bursts.Keys];

    [Theory]
    [MemberData(nameof(Rates))]
    public void Rate_IsTakenFromOneToItsMost(string field)
    {
        var (most, limit) = s_rates[field];
        Assert.Empty(LimitCheck.Check(limit(1)));
        Assert.Empty(LimitCheck.Check(limit(most)));
        Assert.Equal(("limit_zero", field), Only(limit(0)));
        Assert.Equal(("out_of_range", field), Only(limit(-1)));
        Assert.Equal(("out_of_range", field), Only(limit(most + 1)));
        Assert.Equal(("out_of_range", field), Only(limit(long.MaxValue)));
        Assert.Equal(("out_of_range", field), Only(limit(long.MinValue)));
    }

    [Theory]
    [MemberData(nameof(Bursts))]
    public void Burst_LiesBetweenAHundredthOfASecondAndAMinute(string field)
    {
        var limit = s_bursts[field];
        Assert.Empty(LimitCheck.Check(limit(10, 1000)));
        Assert.Empty(LimitCheck.Check(limit(60_000, 1000)));
        Assert.Equal(("burst_range", field), Only(limit(9, 1000)));
        Assert.Equal(("burst_range", field), Only(limit(60_001, 1000)));
        Assert.Equal(("burst_range", field), Only(limit(0, 1000)));
        Assert.Equal(("burst_range", field), Only(limit(-1, 1000)));
        Assert.Equal(("burst_range", field), Only(limit(long.MaxValue, 1000)));
    }

    [Theory]
    [MemberData(nameof(Bursts))]
    public void SmallRate_StillHasABurstOfOne(string field)
    {
        Assert.Empty(LimitCheck.Check(s_bursts[field](1, 1)));
        Assert.Empty(LimitCheck.Check(s_bursts[field](60, 1)));
        Assert.Equal(("burst_range", field), Only(s_bursts[field](61, 1)));
    }

    [Theory]
    [MemberData(nameof(Bursts))]
    public void Burst_NeedsItsOwnRate(string field) => Assert.Equal(("burst_without_rate", field), Only(s_bursts[field](5, null)));

    [Theory]
    [MemberData(nameof(Bursts))]
    public void WrongRate_SaysNothingOfTheBurst(string field)
    {
        foreach (var rate in new[] { 0L, -1, long.MinValue, long.MaxValue })
        {
            Assert.NotEqual(field, Only(s_bursts[field](5, rate)).Field);
        }
    }

    [Fact]
    public void HighestRate_TakesABurstOfAMinute() =>
        Assert.Empty(LimitCheck.Check(new() { BytesPerSecondIn = LimitCheck.MaxBytesPerSecond, BurstBytesIn = LimitCheck.MaxBytesPerSecond * 60 }));

    [Fact]
    public void NoLimit_IsSound() => Assert.Empty(LimitCheck.Check(LimitSpec.None));

    [Fact]
    public void ManyFaults_AreAllTold()
    {
        var problems = LimitCheck.Check(new()
        {
            BytesPerSecondIn = 0, BytesPerSecondOut = 1000, BurstBytesOut = 1, NewFlowsBurst = 1, ConcurrentFlows = -1,
        });
        Assert.Equal(
            [
                ("limit_zero", "limits.bytes_per_second_in"), ("burst_range", "limits.burst_bytes_out"),
                ("burst_without_rate", "limits.new_flows_burst"), ("out_of_range", "limits.concurrent_flows"),
            ],
            problems.Select(problem => (problem.Code, problem.Field)));
    }

    private static (string Code, string Field) Only(LimitSpec limits)
    {
        var problem = Assert.Single(LimitCheck.Check(limits));
        return (problem.Code, problem.Field);
    }
}

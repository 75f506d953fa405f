using Portunus.Edge.Limits;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Limits;

public sealed class ByteLimitsTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Start = 77_777_777_777;

    [Fact]
    public void Take_NoBucket_GrantsEverything()
    {
        var limits = new ByteLimits(null, new BucketCell());
        Assert.False(limits.IsCapped);
        Assert.Equal(1_000_000, limits.Take(1_000_000, Start));
    }

    [Fact]
    public void Take_OwnerHasLess_TakesNoMoreThanThatFromTheRule()
    {
        var (owner, rule) = (Cell(100), Cell(1000));
        var limits = new ByteLimits(owner, rule);
        Assert.Equal(100, limits.Take(500, Start));
        Assert.Equal(900, rule.Bucket?.Available(Start));
    }

    [Fact]
    public void Take_RuleHasLess_OwnerGetsTheUnusedBack()
    {
        var (owner, rule) = (Cell(1000), Cell(100));
        var limits = new ByteLimits(owner, rule);
        Assert.Equal(100, limits.Take(500, Start));
        Assert.Equal(900, owner.Bucket?.Available(Start));
    }

    [Fact]
    public void Take_OwnerIsEmpty_RuleIsNotAsked()
    {
        var (owner, rule) = (Cell(100), Cell(1000));
        owner.Bucket?.Take(100, Start);
        Assert.Equal(0, new ByteLimits(owner, rule).Take(10, Start));
        Assert.Equal(1000, rule.Bucket?.Available(Start));
    }

    [Fact]
    public void TakeWhole_NoBucket_PassesEverything() => Assert.True(new ByteLimits(null, new BucketCell()).TakeWhole(65_507, Start));

    [Fact]
    public void TakeWhole_RuleRefuses_OwnerGetsEverythingBack()
    {
        var (owner, rule) = (Cell(1000), Cell(100));
        var limits = new ByteLimits(owner, rule);
        Assert.True(limits.TakeWhole(60, Start));
        Assert.False(limits.TakeWhole(60, Start));
        Assert.Equal(940, owner.Bucket?.Available(Start));
        Assert.Equal(40, rule.Bucket?.Available(Start));
    }

    [Fact]
    public void TakeWhole_OwnerRefuses_RuleIsNotAsked()
    {
        var (owner, rule) = (Cell(100), Cell(1000));
        var limits = new ByteLimits(owner, rule);
        Assert.True(limits.TakeWhole(60, Start));
        Assert.False(limits.TakeWhole(60, Start));
        Assert.Equal(40, owner.Bucket?.Available(Start));
        Assert.Equal(940, rule.Bucket?.Available(Start));
    }

    [Fact]
    public void TakeWhole_RuleRefusesOneBeyondTheOwnersBurst_TheOwnersDebtGoesAway()
    {
        var (owner, rule) = (Cell(100), Cell(500));
        rule.Bucket?.TakeWhole(1, Start);
        Assert.False(new ByteLimits(owner, rule).TakeWhole(1000, Start));
        Assert.Equal(100, owner.Bucket?.Available(Start));
    }

    [Fact]
    public void Return_UnspentGrant_GoesBackToBoth()
    {
        var (owner, rule) = (Cell(1000), Cell(500));
        var limits = new ByteLimits(owner, rule);
        limits.Take(400, Start);
        limits.Return(300);
        Assert.Equal(900, owner.Bucket?.Available(Start));
        Assert.Equal(400, rule.Bucket?.Available(Start));
    }

    [Fact]
    public void Take_OthersWait_EachGetsItsShare()
    {
        var rule = Cell(1000);
        var limits = new ByteLimits(null, rule);
        limits.Pause(Start);
        limits.Pause(Start);
        Assert.Equal(333, limits.Take(10_000, Start));
        limits.Resume();
        Assert.Equal(333, limits.Take(10_000, Start));
        limits.Resume();
        Assert.Equal(334, limits.Take(10_000, Start));
    }

    [Fact]
    public void Take_ManyWaitForOneToken_ItIsStillGiven()
    {
        var rule = Cell(1);
        var limits = new ByteLimits(null, rule);
        for (var i = 0; i < 50; i++)
        {
            limits.Pause(Start);
        }

        Assert.Equal(1, limits.Take(10_000, Start));
    }

    [Fact]
    public void Pause_SlowOwner_LastsUntilTheSlowerOfTheTwoHasATokenAgain()
    {
        var (owner, rule) = (Cell(1), Cell(1_000_000));
        var limits = new ByteLimits(owner, rule);
        limits.Take(1, Start);
        Assert.Equal(Second, limits.Pause(Start));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(5_000)]
    [InlineData(100_000_000)]
    public void Pause_EmptyBucket_AfterwardsThereIsAGrant(long rate)
    {
        var rule = new BucketCell { Bucket = TokenBucket.Empty(rate, rate, Start) };
        var limits = new ByteLimits(null, rule);
        var pause = limits.Pause(Start);
        limits.Resume();
        Assert.InRange(pause, Second / 100, Second);
        Assert.True(limits.Take(long.MaxValue, Start + pause) >= Math.Max(1, rate / 100), "the pause was too short to be worth a wake");
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(20, 5)]
    [InlineData(30, 10)]
    [InlineData(1000, 10)]
    public void Pause_ShortBurst_EndsBeforeTheBucketIsFullAgain(long burstMs, long pauseMs)
    {
        const long Rate = 1_000_000;
        var limits = new ByteLimits(null, new BucketCell { Bucket = TokenBucket.Empty(Rate, Rate * burstMs / 1000, Start) });
        var pause = limits.Pause(Start);
        Assert.InRange(pause, pauseMs * TimeSpan.TicksPerMillisecond, (pauseMs * TimeSpan.TicksPerMillisecond) + 100);
    }

    [Fact]
    public void Build_FirstLimits_StartWithTheirBursts()
    {
        var limits = RuleLimits.Build(new LimitSpec { BytesPerSecondIn = 1000, BurstBytesIn = 3000 }, null, null, Start);
        Assert.Equal(3000, limits.In?.Take(long.MaxValue, Start));
        Assert.Null(limits.Out);
    }

    [Fact]
    public void Build_NoBurstAsked_IsOneSecondOfTheRate()
    {
        var limits = RuleLimits.Build(new LimitSpec { BytesPerSecondOut = 1234 }, null, null, Start);
        Assert.Equal(1234, limits.Out?.Take(long.MaxValue, Start));
    }

    [Fact]
    public void Build_LimitAddedLater_StartsEmpty()
    {
        var before = RuleLimits.Build(LimitSpec.None, null, null, Start);
        var after = RuleLimits.Build(new LimitSpec { BytesPerSecondIn = 1000 }, null, before, Start);
        Assert.Equal(0, after.In?.Take(long.MaxValue, Start));
        Assert.Equal(1000, after.In?.Take(long.MaxValue, Start + Second));
    }

    [Fact]
    public void Build_ManyChanges_MintNothing()
    {
        var random = new Random(5);
        var limits = RuleLimits.Build(new LimitSpec { BytesPerSecondIn = 1000, BurstBytesIn = 1000 }, null, null, Start);
        limits.In?.Take(long.MaxValue, Start);
        for (var i = 0; i < 500; i++)
        {
            var rate = 1 + random.NextInt64(1_000_000);
            limits = RuleLimits.Build(new LimitSpec { BytesPerSecondIn = rate, BurstBytesIn = rate * 60 }, null, limits, Start);
            Assert.Equal(0, limits.In?.Take(long.MaxValue, Start));
        }
    }

    [Fact]
    public void Build_LimitRemovedAndAddedAgain_MintsNothing()
    {
        var spec = new LimitSpec { BytesPerSecondIn = 1000 };
        var limits = RuleLimits.Build(spec, null, null, Start);
        limits.In?.Take(long.MaxValue, Start);
        limits = RuleLimits.Build(LimitSpec.None, null, limits, Start);
        Assert.Null(limits.In);
        limits = RuleLimits.Build(spec, null, limits, Start);
        Assert.Equal(0, limits.In?.Take(long.MaxValue, Start));
    }

    [Fact]
    public void Reconfigure_OwnerLimit_ReachesRulesBuiltBefore()
    {
        var owner = new OwnerLimits(LimitSpec.None, Start);
        var rule = RuleLimits.Build(LimitSpec.None, owner, null, Start);
        Assert.Null(rule.In);
        owner.Reconfigure(new LimitSpec { BytesPerSecondIn = 10 }, Start);
        Assert.Equal(0, rule.In?.Take(100, Start));
        Assert.Equal(10, rule.In?.Take(100, Start + Second));
        owner.Reconfigure(LimitSpec.None, Start);
        Assert.Null(rule.In);
    }

    private static BucketCell Cell(long burst) => new() { Bucket = new TokenBucket(burst, burst, Start) };
}

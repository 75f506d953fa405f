using Portunus.Edge.Limits;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Limits;

public sealed class FlowLimitsTests
{
    private const long Second = TimeSpan.TicksPerSecond;
    private const long Start = 55_555_555_555;

    [Fact]
    public void TryOpen_NoLimits_AdmitsAndCounts()
    {
        var limits = Build(LimitSpec.None);
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start));
        Assert.Equal(1, limits.Count.Live);
        limits.Close();
        Assert.Equal(0, limits.Count.Live);
    }

    [Fact]
    public void TryOpen_RateAndBurst_AdmitsTheBurstAndThenTheRate()
    {
        var limits = Build(new LimitSpec { NewFlowsPerSecond = 2, NewFlowsBurst = 5 });
        Assert.Equal(5, Enumerable.Range(0, 20).Count(_ => limits.TryOpen(Start) == FlowRefusal.None));
        Assert.Equal(FlowRefusal.RuleFlowRate, limits.TryOpen(Start));
        Assert.Equal(2, Enumerable.Range(0, 20).Count(_ => limits.TryOpen(Start + Second) == FlowRefusal.None));
        Assert.Equal(7, limits.Count.Live);
    }

    [Fact]
    public void TryOpen_Concurrent_RefusesOneTooManyAndAdmitsAfterAClose()
    {
        var limits = Build(new LimitSpec { ConcurrentFlows = 2 });
        limits.TryOpen(Start);
        limits.TryOpen(Start);
        Assert.Equal(FlowRefusal.RuleConcurrent, limits.TryOpen(Start));
        Assert.Equal(2, limits.Count.Live);
        limits.Close();
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start));
    }

    [Fact]
    public void TryOpen_OverTheCap_RefusesNewcomersGivesTokensBackAndKeepsTheLiveOnes()
    {
        var owner = new OwnerLimits(new LimitSpec { NewFlowsPerSecond = 10, ConcurrentFlows = 10 }, Start);
        var limits = Build(new LimitSpec { NewFlowsPerSecond = 5 }, owner);
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start, 2));
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start, 2));
        Assert.Equal(FlowRefusal.OverCap, limits.TryOpen(Start, 2));
        Assert.Equal((2, 2), (limits.Count.Live, owner.Flows.Live));
        Assert.Equal((8, 3), (owner.FlowRate.Bucket?.Available(Start), limits.Rate?.Available(Start)));
        Assert.Equal(FlowRefusal.OverCap, limits.TryOpen(Start, 1));
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start, 3));
        limits.Close();
        limits.Close();
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start, 2));
    }

    [Fact]
    public void Undo_OfAnAdmittedFlow_GivesBackAllItTook()
    {
        var owner = new OwnerLimits(new LimitSpec { NewFlowsPerSecond = 10, ConcurrentFlows = 10 }, Start);
        var limits = Build(new LimitSpec { NewFlowsPerSecond = 5 }, owner);
        Assert.Equal(FlowRefusal.None, limits.TryOpen(Start));

        limits.Undo();

        Assert.Equal((0, 0), (limits.Count.Live, owner.Flows.Live));
        Assert.Equal((10, 5), (owner.FlowRate.Bucket?.Available(Start), limits.Rate?.Available(Start)));
    }

    [Theory]
    [InlineData(1, 2, nameof(FlowRefusal.RuleConcurrent))]
    [InlineData(2, 2, nameof(FlowRefusal.RuleConcurrent))]
    [InlineData(2, 1, nameof(FlowRefusal.OverCap))]
    public void TryOpen_CapAndConcurrent_TheLesserIsNamed(long concurrent, long cap, string refusal)
    {
        var limits = Build(new LimitSpec { ConcurrentFlows = concurrent });
        for (var i = 0; i < Math.Min(concurrent, cap); i++)
        {
            limits.TryOpen(Start, cap);
        }

        Assert.Equal(refusal, limits.TryOpen(Start, cap).ToString());
    }

    [Fact]
    public void TryOpen_BothWouldRefuse_OwnerIsNamed()
    {
        var spec = new LimitSpec { NewFlowsPerSecond = 1 };
        var limits = Build(spec, new OwnerLimits(spec, Start));
        limits.TryOpen(Start);
        Assert.Equal(FlowRefusal.OwnerFlowRate, limits.TryOpen(Start));

        var counts = new LimitSpec { ConcurrentFlows = 1 };
        limits = Build(counts, new OwnerLimits(counts, Start));
        limits.TryOpen(Start);
        Assert.Equal(FlowRefusal.OwnerConcurrent, limits.TryOpen(Start));
    }

    [Fact]
    public void TryOpen_RuleRefusesByRate_OwnerGetsEverythingBack()
    {
        var owner = new OwnerLimits(new LimitSpec { NewFlowsPerSecond = 10, ConcurrentFlows = 10 }, Start);
        var limits = Build(new LimitSpec { NewFlowsPerSecond = 1 }, owner);
        limits.TryOpen(Start);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(FlowRefusal.RuleFlowRate, limits.TryOpen(Start));
        }

        Assert.Equal(1, owner.Flows.Live);
        Assert.Equal(9, owner.FlowRate.Bucket?.Available(Start));
    }

    [Fact]
    public void TryOpen_RuleRefusesByCount_RateTokensComeBack()
    {
        var owner = new OwnerLimits(new LimitSpec { NewFlowsPerSecond = 10, ConcurrentFlows = 10 }, Start);
        var limits = Build(new LimitSpec { NewFlowsPerSecond = 5, ConcurrentFlows = 1 }, owner);
        limits.TryOpen(Start);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(FlowRefusal.RuleConcurrent, limits.TryOpen(Start));
        }

        Assert.Equal(1, owner.Flows.Live);
        Assert.Equal(9, owner.FlowRate.Bucket?.Available(Start));
        Assert.Equal(4, limits.Rate?.Available(Start));
    }

    [Fact]
    public void TryOpen_OwnerRefusesByCount_ItsRateTokenComesBack()
    {
        var owner = new OwnerLimits(new LimitSpec { NewFlowsPerSecond = 10, ConcurrentFlows = 1 }, Start);
        var limits = Build(LimitSpec.None, owner);
        limits.TryOpen(Start);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(FlowRefusal.OwnerConcurrent, limits.TryOpen(Start));
        }

        Assert.Equal(9, owner.FlowRate.Bucket?.Available(Start));
    }

    [Fact]
    public void Build_CountLoweredBelowTheLiveOnes_EndsNobodyAndAdmitsNobodyUntilTheyHaveGone()
    {
        var before = RuleLimits.Build(LimitSpec.None, null, null, Start);
        for (var i = 0; i < 3; i++)
        {
            before.Flows.TryOpen(Start);
        }

        var after = RuleLimits.Build(new LimitSpec { ConcurrentFlows = 2 }, null, before, Start);
        Assert.Equal(3, after.Flows.Count.Live);
        before.Flows.Close();
        Assert.Equal(FlowRefusal.RuleConcurrent, after.Flows.TryOpen(Start));
        before.Flows.Close();
        Assert.Equal(FlowRefusal.None, after.Flows.TryOpen(Start));
    }

    [Fact]
    public void Build_RateChanged_MintsNoNewFlows()
    {
        var before = RuleLimits.Build(new LimitSpec { NewFlowsPerSecond = 3 }, null, null, Start);
        for (var i = 0; i < 3; i++)
        {
            before.Flows.TryOpen(Start);
        }

        var after = RuleLimits.Build(new LimitSpec { NewFlowsPerSecond = 1000 }, null, before, Start);
        Assert.Equal(FlowRefusal.RuleFlowRate, after.Flows.TryOpen(Start));
    }

    [Fact]
    public async Task TryAdd_FourThreads_NeverMoreThanTheMost()
    {
        var count = new FlowCount { Most = 3 };
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                if (count.TryAdd())
                {
                    var now = Interlocked.Increment(ref inside);
                    int seen;
                    while (now > (seen = Volatile.Read(ref most)) && Interlocked.CompareExchange(ref most, now, seen) != seen)
                    {
                    }

                    Interlocked.Decrement(ref inside);
                    count.Remove();
                }
            }
        })));
        Assert.InRange(most, 1, 3);
        Assert.Equal(0, count.Live);
    }

    private static FlowLimits Build(LimitSpec spec, OwnerLimits? owner = null) => RuleLimits.Build(spec, owner, null, Start).Flows;
}

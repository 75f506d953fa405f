using System.Net;
using Portunus.Edge.Native;
using Portunus.Edge.Targets;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Edge.Targets;

/// <summary>Which target a flow tries, and which next.</summary>
public sealed class TargetSetTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void First_TakesTheOrderGivenWithinThePriority()
    {
        var set = Set(BalancePolicy.First, (5, 1), (0, 1), (0, 100), (5, 1));
        Assert.Equal([2, 3, 1, 4], Walk(set));
        Assert.Equal([2, 3, 1, 4], Walk(set));
    }

    [Fact]
    public void RoundRobin_GivesEachItsWeightInEveryCycle()
    {
        var set = Set(BalancePolicy.RoundRobin, (0, 3), (0, 1), (0, 2));
        for (var cycle = 0; cycle < 50; cycle++)
        {
            var picks = Enumerable.Range(0, 6).Select(_ => First(set)).Order();
            Assert.Equal([1, 1, 1, 2, 3, 3], picks);
        }
    }

    [Fact]
    public void RoundRobin_SpreadsTheTurnsOfAHeavyTarget()
    {
        var set = Set(BalancePolicy.RoundRobin, (0, 50), (0, 50));
        var picks = Enumerable.Range(0, 200).Select(_ => First(set)).ToArray();
        var longest = 1;
        for (int i = 1, run = 1; i < picks.Length; i++)
        {
            run = picks[i] == picks[i - 1] ? run + 1 : 1;
            longest = Math.Max(longest, run);
        }

        Assert.InRange(longest, 1, 3);
    }

    [Fact]
    public void Random_FollowsTheWeights()
    {
        var set = Set(BalancePolicy.Random, (0, 3), (0, 1));
        var heavy = Enumerable.Range(0, 10_000).Count(_ => First(set) == 1);
        // Six standard deviations of 43 each.
        Assert.InRange(heavy, 7240, 7760);
    }

    [Fact]
    public void LeastFlows_TakesTheEmptiestForItsWeightAndRotatesTies()
    {
        var set = Set(BalancePolicy.LeastFlows, (0, 1), (0, 4), (0, 1));
        set[0].Target.AddFlows(1);
        set[1].Target.AddFlows(3);
        set[2].Target.AddFlows(1);
        Assert.Equal(2, First(set));
        set[1].Target.AddFlows(1);
        Assert.Equal(3, Enumerable.Range(0, 30).Select(_ => First(set)).Distinct().Count());
        set[0].Target.AddFlows(-1);
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Equal(1, First(set)));
    }

    [Fact]
    public void SourceHash_KeepsASourceAndMovesOnlyThoseOfATargetThatLeaves()
    {
        var before = Set(BalancePolicy.SourceHash, (0, 1), (0, 1), (0, 1), (0, 1));
        var after = TargetSet.Compile(
            [Target(1, 0, 1), Target(2, 0, 1), Target(4, 0, 1)], BalancePolicy.SourceHash, before, TimeProvider.System);
        var counts = new int[5];
        for (var i = 0; i < 4000; i++)
        {
            var source = SockAddr.From(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), 1000 + i);
            var pick = First(before, source);
            counts[pick]++;
            Assert.Equal(pick, First(before, SockAddr.From(new IPAddress(source.Address), 9)));
            if (pick != 3)
            {
                Assert.Equal(pick, First(after, source));
            }
        }

        Assert.All(counts[1..], count => Assert.InRange(count, 800, 1200));
    }

    [Fact]
    public void SourceHash_FollowsTheWeights()
    {
        var set = Set(BalancePolicy.SourceHash, (0, 3), (0, 1));
        var heavy = Enumerable.Range(0, 4000).Count(i => First(set, SockAddr.From(new IPAddress([192, 0, (byte)(i >> 8), (byte)i]), 1)) == 1);
        Assert.InRange(heavy, 2800, 3200);
    }

    [Theory]
    [InlineData(BalancePolicy.First)]
    [InlineData(BalancePolicy.RoundRobin)]
    [InlineData(BalancePolicy.LeastFlows)]
    [InlineData(BalancePolicy.Random)]
    [InlineData(BalancePolicy.SourceHash)]
    public void EveryPolicy_TriesEachTargetOnceBestPriorityFirstAndDownOnesLast(BalancePolicy policy)
    {
        var set = Set(policy, (1, 5), (0, 1), (0, 7), (1, 1), (0, 2));
        TakeDown(set, 3);
        for (var turn = 0; turn < 20; turn++)
        {
            var walk = Walk(set);
            Assert.Equal([2, 5], walk[..2].Order());
            Assert.Equal([1, 4], walk[2..4].Order());
            Assert.Equal(3, walk[4]);
        }
    }

    [Fact]
    public void AllDown_BestIsTriedAnyway()
    {
        var set = Set(BalancePolicy.RoundRobin, (1, 1), (0, 1));
        TakeDown(set, 1);
        TakeDown(set, 2);
        Assert.Equal([2, 1], Walk(set));
    }

    [Fact]
    public void DownTargetOfTheBestPriority_GetsOneTrialFlowWhenItIsDue()
    {
        var set = Set(BalancePolicy.First, (0, 1), (1, 1));
        TakeDown(set, 1);
        Assert.Equal(2, First(set, now: 4 * Second));
        Assert.Equal(1, First(set, now: 5 * Second));
        Assert.Equal(2, First(set, now: 5 * Second));
    }

    [Fact]
    public void DownTargetOfAWorsePriority_GetsNoTrialWhileABetterOneWorks()
    {
        var set = Set(BalancePolicy.First, (0, 1), (1, 1));
        TakeDown(set, 2);
        Assert.Equal(1, First(set, now: 500 * Second));
        Assert.Equal([1, 2], Walk(set, 500 * Second));
    }

    [Fact]
    public void Compile_TargetThatStays_KeepsItsHealthWhateverItsPriority()
    {
        var before = Set(BalancePolicy.First, (0, 1), (0, 1));
        TakeDown(before, 1);
        var after = TargetSet.Compile([Target(1, 9, 1), Target(3, 0, 1)], BalancePolicy.Random, before, TimeProvider.System);
        Assert.Same(before[0].Target, after[1].Target);
        Assert.True(after[1].Target.Health.IsDown);
        Assert.False(after[0].Target.Health.IsDown);
    }

    [Theory]
    [InlineData(BalancePolicy.RoundRobin)]
    [InlineData(BalancePolicy.LeastFlows)]
    [InlineData(BalancePolicy.Random)]
    [InlineData(BalancePolicy.SourceHash)]
    public void Picking_AllocatesNothing(BalancePolicy policy)
    {
        var set = Set(policy, (0, 3), (0, 1), (1, 1));
        First(set);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var turn = 0; turn < 100; turn++)
        {
            var order = set.Begin(default);
            while (set.TryNext(ref order, 0, out _))
            {
            }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static TargetSet Set(BalancePolicy policy, params (int Priority, int Weight)[] targets) => TargetSet.Compile(
        [.. targets.Select((target, at) => Target(at + 1, target.Priority, target.Weight))], policy, null, TimeProvider.System);

    /// <summary>Targets are known by their port, from 1.</summary>
    private static CheckedTarget Target(int number, int priority, int weight) =>
        new("127.0.0.1", IPAddress.Loopback, number, priority, weight, ProxyHeaderVersion.None);

    private static void TakeDown(TargetSet set, int number)
    {
        var health = Enumerable.Range(0, set.Count).Select(at => set[at].Target).Single(target => target.FirstPort == number).Health;
        for (var failure = 0; failure < TargetHealth.Fall; failure++)
        {
            health.ReportFailure(0);
        }
    }

    private static int First(TargetSet set, SockAddr source = default, long now = 0)
    {
        var order = set.Begin(source);
        Assert.True(set.TryNext(ref order, now, out var index));
        return set[index].Target.FirstPort;
    }

    private static int[] Walk(TargetSet set, long now = 0)
    {
        var order = set.Begin(default);
        var walked = new List<int>();
        while (set.TryNext(ref order, now, out var index))
        {
            walked.Add(set[index].Target.FirstPort);
        }

        return [.. walked];
    }
}

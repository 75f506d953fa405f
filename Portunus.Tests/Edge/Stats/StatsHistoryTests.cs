using Portunus.Edge.Stats;
using Portunus.Shared.Ids;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats;

public sealed class StatsHistoryTests
{
    private static readonly RuleId s_web = RuleId.FromName("web");

    [Fact]
    public void Last_TwoLooks_IsTheDifferencePerSecond()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, SampleEdge.Rule("web", 1000, 50)));
        Assert.Equal(default, history.Last(s_web));
        history.Add(SampleEdge.Sample(0.5, SampleEdge.Rule("web", 3000, 50)));
        Assert.Equal(new TrafficRate(4000, 0, 0), history.Last(s_web));
    }

    [Fact]
    public void Last_CounterThatWentBack_CountsFromZero()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, SampleEdge.Rule("web", 1000)));
        history.Add(SampleEdge.Sample(2, SampleEdge.Rule("web", 300)));
        Assert.Equal(150, history.Last(s_web).BytesIn);
    }

    [Fact]
    public void Add_ClockSetBack_StartsAfreshWithoutARate()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(10, SampleEdge.Rule("web", 1000)));
        history.Add(SampleEdge.Sample(5, SampleEdge.Rule("web", 2000)));
        Assert.Empty(history.Series(s_web));
        history.Add(SampleEdge.Sample(6, SampleEdge.Rule("web", 2500)));
        Assert.Equal(500, history.Last(s_web).BytesIn);
    }

    [Fact]
    public void Add_LateLook_FillsTheStepsBetweenWithTheirMean()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, SampleEdge.Rule("web", 0)));
        history.Add(SampleEdge.Sample(1, SampleEdge.Rule("web", 100)));
        history.Add(SampleEdge.Sample(5, SampleEdge.Rule("web", 500 + 100)));
        Assert.Equal([100, 125, 125, 125, 125], history.Series(s_web).Select(rate => rate.BytesIn));
    }

    [Fact]
    public void Add_LookRightAfterAnother_WaitsForTheNext()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, SampleEdge.Rule("web", 0)));
        history.Add(SampleEdge.Sample(0.1, SampleEdge.Rule("web", 1000)));
        Assert.Empty(history.Series(s_web));
        history.Add(SampleEdge.Sample(1, SampleEdge.Rule("web", 1000)));
        Assert.Equal([1000], history.Series(s_web).Select(rate => rate.BytesIn));
    }

    [Fact]
    public void Add_ManyLooks_KeepsAMinuteAndForgetsRemovedRules()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 200; i++)
        {
            history.Add(SampleEdge.Sample(i, SampleEdge.Rule("web", i * 100L)));
        }

        Assert.Equal(60, history.Series(s_web).Count);
        history.Add(SampleEdge.Sample(200, SampleEdge.Rule("mail")));
        Assert.Empty(history.Series(s_web));
    }
}

using System.Text;
using Portunus.Edge.Stats;
using Portunus.Edge.Stats.View;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class ViewStateTests
{
    private static readonly ViewSnapshot s_snapshot = SnapshotReading.Read(Encoding.UTF8.GetString(StatsJson.Write(
        SampleEdge.Sample(0, SampleEdge.Rule("beta", 5), SampleEdge.Rule("alpha", 50), SampleEdge.Rule("gamma", 1)),
        new StatsHistory(TimeSpan.FromSeconds(1)), withHistory: true)));

    [Theory]
    [InlineData("", "beta alpha gamma", "beta")]
    [InlineData("j", "beta alpha gamma", "alpha")]
    [InlineData("jjjj", "beta alpha gamma", "gamma")]
    [InlineData("jjk", "beta alpha gamma", "alpha")]
    [InlineData("ss", "alpha beta gamma", "alpha")]
    [InlineData("sss", "alpha beta gamma", "alpha")]
    [InlineData("r", "gamma alpha beta", "gamma")]
    [InlineData("/ALP\r", "alpha", "alpha")]
    [InlineData("/zzz\r", "", null)]
    [InlineData("/qrs\u007f\u007f\u007fGAM\r", "gamma", "gamma")]
    public void Press_InTheOverview_OrdersFiltersAndChooses(string typed, string order, string? chosen)
    {
        var state = Type(typed);
        Assert.Equal(order, string.Join(' ', state.Rules(s_snapshot).Select(rule => rule.Name)));
        Assert.Equal(chosen, state.ChosenRule(s_snapshot)?.Name);
    }

    [Theory]
    [InlineData("\r", "Detail")]
    [InlineData("\t\t", "Errors")]
    [InlineData("\t\t\t", "Overview")]
    [InlineData("h", "Errors")]
    [InlineData("e", "Errors")]
    [InlineData("ee", "Overview")]
    [InlineData("?", "Help")]
    [InlineData("??", "Overview")]
    [InlineData("\r\u007f", "Overview")]
    public void Press_PageKeys_TurnPages(string typed, string page) => Assert.Equal(page, Type(typed).Page.ToString());

    [Theory]
    [InlineData("q", true)]
    [InlineData("\u0003", true)]
    [InlineData("/q", false)]
    [InlineData("/\u0003", true)]
    [InlineData("\u001bx", false)]
    public void Press_QuitKeys_EndUnlessTyped(string typed, bool isDone) => Assert.Equal(isDone, Type(typed).IsDone);

    [Fact]
    public void Press_ChosenRule_StaysChosenWhenTheOrderChanges() => Assert.Equal("gamma", Type("jjsss").ChosenRule(s_snapshot)?.Name);

    [Fact]
    public void Totals_AfterReset_CountFromThere()
    {
        var state = Type("c");
        var later = s_snapshot with { Rules = [s_snapshot.Rules[0] with { Traffic = new ViewTraffic(105, 7, 12, 1) }] };
        var scene = new ViewScene(state, later, new ViewHistory(), null, 80, 24);
        Assert.Equal(new ViewTraffic(100, 7, 2, 1), scene.Totals(later.Rules[0]));
        var restarted = scene with { Snapshot = later with { StartedAt = "later" } };
        Assert.Equal(105, restarted.Totals(later.Rules[0]).BytesIn);
        Assert.Null(Type("cc").Since);
    }

    private static ViewState Type(string typed)
    {
        var reading = new KeyReading();
        ViewKey[] keys = [.. reading.Feed(Encoding.UTF8.GetBytes(typed)), .. reading.Rest()];
        return keys.Aggregate(new ViewState(), (state, key) => state.Press(key, s_snapshot));
    }
}

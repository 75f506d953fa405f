using System.Text;
using System.Text.Json;
using Portunus.Load;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Tests.Tools.Load;

public sealed class RequirementTests
{
    [Theory]
    [InlineData(true, 1.0, 10.0, true)]
    [InlineData(true, 1.0, 9.9, false)]
    [InlineData(false, 0.85, 8.5, true)]
    [InlineData(false, 0.85, 8.6, false)]
    public void Judge_RatioAgainstPeer_MeetsTheBoundOrMisses(bool atLeast, double bound, double ours, bool met)
    {
        var ledger = Of(("edge", ours), ("other", 10.0));

        var verdict = new Requirement("x", "figure", atLeast, bound) { Against = ["other"] }.Judge(ledger, "edge");

        Assert.Equal(met, verdict.IsMet);
        Assert.Equal(met ? "ok" : "MISSED", verdict.Word);
    }

    [Fact]
    public void Judge_TwoVariants_TakesTheBetterOne()
    {
        var ledger = Of(("edge", 1.5), ("cheap", 1.0), ("dear", 3.0));

        var verdict = new Requirement("x", "figure", false, 1.0) { Against = ["dear", "cheap"] }.Judge(ledger, "edge");

        Assert.Equal("cheap", verdict.Against);
        Assert.False(verdict.IsMet);
    }

    [Fact]
    public void Judge_NothingMeasured_IsNeitherMetNorMissed()
    {
        var verdict = new Requirement("x", "figure", false, 1.0) { Against = ["other"] }.Judge(Of(("edge", 1)), "edge");

        Assert.Null(verdict.IsMet);
        Assert.Equal("not measured", verdict.Word);
    }

    [Fact]
    public void Judge_EveryRound_OneBadRoundMisses()
    {
        var ledger = new Ledger();
        ledger.Add(0, "edge", "figure", 0.1);
        ledger.Add(1, "edge", "figure", 0.2);
        ledger.Add(2, "edge", "figure", 2.5);

        Assert.False(new Requirement("x", "figure", false, 2) { EveryRound = true }.Judge(ledger, "edge").IsMet);
        Assert.True(new Requirement("x", "figure", false, 2).Judge(ledger, "edge").IsMet);
    }

    [Fact]
    public void RequirementList_EveryRequirement_NamesAFigureThatATableShowsAndPeersThatRun()
    {
        var shown = Figures.Tables.SelectMany(table => table.Columns).Select(column => column.Figure).ToHashSet();
        var running = PeerList.Names.Append(Figures.EdgePaced).ToHashSet();

        Assert.All(RequirementList.All, requirement => Assert.Contains(requirement.Figure, shown));
        Assert.All(RequirementList.All, requirement => Assert.Contains(requirement.Measurement, LoadOptions.Names));
        Assert.All(RequirementList.All.SelectMany(requirement => requirement.Against), peer => Assert.Contains(peer, running));
        Assert.Equal(RequirementList.All.Count, RequirementList.All.Select(requirement => requirement.Text).Distinct().Count());
    }

    [Fact]
    public void Reports_OfALedger_CarryReadingsAndVerdicts()
    {
        var ledger = new Ledger();
        ledger.Add(0, PeerList.Edge, "bulk1.gbps", 21);
        ledger.Add(1, PeerList.Edge, "bulk1.gbps", 23);
        ledger.Add(0, PeerList.HaproxyLarge, "bulk1.gbps", 25);
        var verdicts = RequirementList.All.Select(requirement => requirement.Judge(ledger, PeerList.Edge)).ToArray();

        var text = Report.Write(ledger, verdicts);
        using var file = new MemoryStream();
        JsonReport.Write(file, "a machine", "an edge", ledger, verdicts);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(file.ToArray()));

        Assert.Contains("22.0 (21.0–23.0)", text, StringComparison.Ordinal);
        Assert.Contains($"0 ok, 1 missed, {RequirementList.All.Count - 1} not measured", text, StringComparison.Ordinal);
        Assert.Equal([21.0, 23.0], json.RootElement.GetProperty("readings")[0].GetProperty("rounds").EnumerateArray().Select(value => value.GetDouble()));
        Assert.Contains(json.RootElement.GetProperty("verdicts").EnumerateArray(), verdict => verdict.GetProperty("verdict").GetString() == "MISSED");
    }

    private static Ledger Of(params (string Peer, double Value)[] readings)
    {
        var ledger = new Ledger();
        foreach (var (peer, value) in readings)
        {
            ledger.Add(0, peer, "figure", value);
        }

        return ledger;
    }
}

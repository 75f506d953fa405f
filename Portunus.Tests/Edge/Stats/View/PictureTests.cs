using System.Text;
using Portunus.Edge.Stats;
using Portunus.Edge.Stats.View;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats.View;

public sealed class PictureTests
{
    private const string Hostile = "\u001b]0;owned\u0007\u202e東京東京東京東京東京東京東京東京";

    private static readonly int[] s_widths = [60, 80, 81, 100, 133, 200, 500];

    [Fact]
    public void Draw_EveryPageAndSize_FitsTheScreenAndCannotActOnIt()
    {
        var snapshot = Read(SampleEdge.Sample(10, Many()));
        var history = new ViewHistory();
        history.Add(snapshot);
        foreach (var page in Enum.GetValues<ViewPage>())
        {
            foreach (var chosen in snapshot.Rules.Take(4))
            {
                foreach (var width in s_widths)
                {
                    foreach (var height in new[] { 10, 24, 60 })
                    {
                        var state = new ViewState { Page = page, Chosen = chosen.Id };
                        var lines = Picture.Draw(new ViewScene(state, snapshot, history, null, width, height)).Lines;
                        Assert.Equal(height, lines.Count);
                        Assert.All(lines, line => Check(line, width));
                    }
                }
            }
        }
    }

    [Fact]
    public void Draw_Overview80Columns_ShowsStateRatesAndSparkline()
    {
        var lines = Draw(new ViewState(), 80, 24, Samples());
        Assert.StartsWith("portunus-edge ", lines[0], StringComparison.Ordinal);
        Assert.Equal("  RULE         LISTEN         STATE     TARGETS FLOWS       IN      OUT BY PLAN", lines[1].TrimEnd());
        Assert.Equal("> web          *:8080         listening ok          2 2.00kB/s   300B/s       ██", lines[2].TrimEnd());
        Assert.Contains("refused", lines[3], StringComparison.Ordinal);
        Assert.Equal("2 rules  7 flows  in 2.00kB/s  out 300B/s  1 refused", lines[22]);
        Assert.StartsWith("q quit", lines[23], StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Overview200Columns_ShowsTotalsAndTargetToo()
    {
        var lines = Draw(new ViewState(), 200, 24, Samples());
        Assert.Contains("5.60kB", lines[2], StringComparison.Ordinal);
        Assert.Contains("10.0.0.1:80", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Detail_ShowsTargetsEndsAndPorts()
    {
        var rule = SampleEdge.Rule("range") with
        {
            Ports = [new PortSample(8000, new TrafficCount(1, 2, 3, 4)), new PortSample(8001, default)],
            Targets = [SampleEdge.Target("10.0.0.1", TargetStanding.Up), SampleEdge.Target("10.0.0.2", TargetStanding.Down)],
        };
        var text = string.Join('\n', Draw(new ViewState { Page = ViewPage.Detail }, 80, 40, SampleEdge.Sample(0, rule)));
        Assert.Contains("10.0.0.2:80", text, StringComparison.Ordinal);
        Assert.Contains("7 completed", text, StringComparison.Ordinal);
        Assert.Contains("2 no_target", text, StringComparison.Ordinal);
        Assert.Contains("8001", text, StringComparison.Ordinal);
        Assert.Contains("1.3ms", text, StringComparison.Ordinal);
        Assert.Contains("30s ago", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_Errors_ListsWhatIsWrongAndNothingElse()
    {
        var down = SampleEdge.Rule("down") with { Targets = [SampleEdge.Target("10.0.0.2", TargetStanding.Down)], Ends = new Dictionary<FlowEnd, long>(), NameFailures = 0 };
        var well = down with { Name = "well", Rule = Portunus.Shared.Ids.RuleId.FromName("well"), Targets = [SampleEdge.Target("a", TargetStanding.Up)] };
        var text = string.Join('\n', Draw(new ViewState { Page = ViewPage.Errors }, 120, 24, SampleEdge.Sample(0, SampleEdge.Refused("mail"), down, well)));
        Assert.Contains("port_in_use: Port 8080 is taken by another socket.", text, StringComparison.Ordinal);
        Assert.Contains("10.0.0.2:80: 3 failures in a row, last 30s ago", text, StringComparison.Ordinal);
        Assert.Contains("2 no_target", text, StringComparison.Ordinal);
        Assert.Contains("5 connections could not be taken", text, StringComparison.Ordinal);
        Assert.DoesNotContain("completed", text, StringComparison.Ordinal);
        Assert.DoesNotContain("well", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_UdpRule_ShowsDatagramsAndDropsOnEachPage()
    {
        var sample = SampleEdge.Sample(0, SampleEdge.Datagrams("dns"), SampleEdge.Rule("web"));
        var overview = Draw(new ViewState(), 200, 24, sample);
        Assert.Contains("*:53 udp", overview[2], StringComparison.Ordinal);
        Assert.Matches(@" 18 10\.0\.0\.53:80", overview[2]);
        Assert.DoesNotContain("udp", overview[3], StringComparison.Ordinal);

        var detail = string.Join('\n', Draw(new ViewState { Page = ViewPage.Detail }, 80, 40, sample));
        Assert.Contains("datagrams 100 in (0/s), 80 out (0/s)", detail, StringComparison.Ordinal);
        Assert.Contains("5 over_cap", detail, StringComparison.Ordinal);
        Assert.Contains("7 bandwidth", detail, StringComparison.Ordinal);

        var errors = string.Join('\n', Draw(new ViewState { Page = ViewPage.Errors }, 80, 40, sample));
        Assert.Contains("6 receive_buffer_full, on the way in", errors, StringComparison.Ordinal);
        Assert.Contains("7 bandwidth, on the way out", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("idle", errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_EdgeGone_SaysForHowLong()
    {
        var snapshot = Read(Samples());
        var scene = new ViewScene(new ViewState(), snapshot, new ViewHistory(), TimeSpan.FromSeconds(65), 80, 24);
        Assert.Contains("gone for 1m 5s", Picture.Draw(scene).Lines[0].ToText(80), StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_TinyScreen_SaysSoWithoutFailing()
    {
        for (var size = 1; size < 60; size++)
        {
            Assert.Contains("too small", Picture.Draw(new ViewScene(new ViewState(), Read(Samples()), new ViewHistory(), null, size, size)).Lines[0].ToText(100), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Draw_ChosenRuleFarDown_StaysInSight()
    {
        var sample = SampleEdge.Sample(0, [.. Enumerable.Range(0, 300).Select(i => SampleEdge.Rule($"rule-{i}"))]);
        var chosen = Portunus.Shared.Ids.RuleId.FromName("rule-250").ToString();
        Assert.Contains(Draw(new ViewState { Chosen = chosen }, 80, 24, sample), line => line.StartsWith("> rule-250", StringComparison.Ordinal));
    }

    [Fact]
    public void ToTerminal_NoColour_HasNoCodes()
    {
        var line = new ScreenLine().Add("bad", Ink.Bad).Add(" plain");
        Assert.Equal("bad plain", line.ToTerminal(80, colour: false));
        Assert.Equal("\u001b[31mbad\u001b[0m plain", line.ToTerminal(80, colour: true));
        Assert.Equal("\u001b[31mb…\u001b[0m", line.ToTerminal(2, colour: true));
    }

    private static EdgeSample Samples() => SampleEdge.Sample(2, SampleEdge.Rule("web", 5000, 600), SampleEdge.Refused("mail"));

    private static RuleSample[] Many() =>
    [
        SampleEdge.Rule(Hostile) with
        {
            Listen = "[2001:db8:1111:2222:3333:4444:5555:6666]:10000-11023",
            Ports = [.. Enumerable.Range(10000, 64).Select(port => new PortSample(port, new TrafficCount(long.MaxValue / 3, 5, 6, 7)))],
            Targets = [.. Enumerable.Range(0, 8).Select(i => SampleEdge.Target($"{Hostile}{i}.a-very-long-name-of-a-target.example", TargetStanding.Down))],
            Ends = Enum.GetValues<FlowEnd>().ToDictionary(end => end, _ => long.MaxValue / 2),
        },
        SampleEdge.Refused(Hostile + "2") with { Protocol = "\u001b[6n" },
        SampleEdge.Datagrams(Hostile + "3") with { DropsIn = Enum.GetValues<DatagramDrop>().ToDictionary(drop => drop, _ => long.MaxValue / 64) },
        SampleEdge.Rule(""),
        .. Enumerable.Range(0, 100).Select(i => SampleEdge.Rule($"rule-{i}", i * 1000L)),
    ];

    private static void Check(ScreenLine line, int width)
    {
        var text = line.ToText(width);
        Assert.InRange(CellText.Width(text), 0, width);
        Assert.DoesNotContain(text, one => char.IsControl(one) || one is '\u202e');
        var coloured = line.ToTerminal(width, colour: true);
        var codes = System.Text.RegularExpressions.Regex.Replace(coloured, "\u001b\\[(0|1|2|7|31|32|33)m", "");
        Assert.DoesNotContain(codes, char.IsControl);
        Assert.InRange(CellText.Width(codes), 0, width);
    }

    private static string[] Draw(ViewState state, int width, int height, EdgeSample sample)
    {
        var snapshot = Read(sample);
        var history = new ViewHistory();
        history.Add(snapshot);
        return [.. Picture.Draw(new ViewScene(state, snapshot, history, null, width, height)).Lines.Select(line => line.ToText(width))];
    }

    private static ViewSnapshot Read(EdgeSample sample)
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(SampleEdge.Sample(0, [.. sample.Rules.Select(rule => SampleEdge.Rule(rule.Name, 1000, 0))]));
        history.Add(sample);
        return SnapshotReading.Read(Encoding.UTF8.GetString(StatsJson.Write(sample, history, withHistory: true)));
    }
}

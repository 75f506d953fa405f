using Portunus.Edge.Scrape;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Scrape;

public sealed class MetricTextTests
{
    private const string Hostile = "a\\b\"c\nd\re\u001b{}=,é😀";

    private static EdgeSample Everything => SampleEdge.Sample(
        5,
        SampleEdge.Rule("web", 123, 456),
        SampleEdge.Refused("mail"),
        SampleEdge.Datagrams("dns"),
        SampleEdge.Rule(Hostile),
        SampleEdge.Rule("six") with
        {
            Targets = [SampleEdge.Target("fd00::1", TargetStanding.Down), SampleEdge.Target("db.example", TargetStanding.Unknown)],
        });

    [ProgramFact("promtool")]
    public async Task Write_EveryKindOfRule_IsCleanUnderPromtool()
    {
        var run = await CommandRun.RunAsync("promtool", ["check", "metrics"], MetricText.Write(Everything));
        Assert.Equal("", run.Output + run.Errors);
        Assert.Equal(0, run.ExitCode);
    }

    [ProgramFact("promtool")]
    public async Task Write_NamesThatAreShared_GiveNoLineTwice()
    {
        var web = SampleEdge.Rule("web");
        var sample = SampleEdge.Sample(
            0,
            web with { Targets = [web.Targets[0], web.Targets[0]] },
            web with { Rule = Portunus.Shared.Ids.RuleId.FromName("other") });
        var text = MetricText.Write(sample);

        var series = text.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line[..line.LastIndexOf(' ')]).ToArray();
        Assert.Equal(series.Length, series.Distinct().Count());
        var run = await CommandRun.RunAsync("promtool", ["check", "metrics"], text);
        Assert.Equal(0, run.ExitCode);
    }

    [Theory]
    [InlineData("portunus_edge_bytes_total{rule=\"web\",direction=\"in\"} 123")]
    [InlineData("portunus_edge_bytes_total{rule=\"web\",direction=\"out\"} 456")]
    [InlineData("portunus_edge_flows_ended_total{rule=\"web\",reason=\"completed\"} 7")]
    [InlineData("portunus_edge_flows_ended_total{rule=\"web\",reason=\"idle\"} 0")]
    [InlineData("portunus_edge_flows_refused_total{rule=\"web\",reason=\"denied\"} 0")]
    [InlineData("portunus_edge_rule_state{rule=\"mail\",state=\"refused\"} 1")]
    [InlineData("portunus_edge_rule_state{rule=\"mail\",state=\"listening\"} 0")]
    [InlineData("portunus_edge_rule_refused{rule=\"mail\",reason=\"port_in_use\"} 1")]
    [InlineData("portunus_edge_target_up{rule=\"web\",target=\"10.0.0.1:80\"} 1")]
    [InlineData("portunus_edge_target_up{rule=\"six\",target=\"[fd00::1]:80\"} 0")]
    [InlineData("portunus_edge_target_connect_seconds{rule=\"web\",target=\"10.0.0.1:80\"} 0.00125")]
    [InlineData("portunus_edge_datagrams_total{rule=\"dns\",direction=\"in\"} 100")]
    [InlineData("portunus_edge_datagrams_dropped_total{rule=\"dns\",direction=\"in\",reason=\"receive_buffer_full\"} 6")]
    [InlineData("portunus_edge_datagrams_dropped_total{rule=\"dns\",direction=\"in\",reason=\"too_big\"} 0")]
    [InlineData("portunus_edge_datagrams_dropped_total{rule=\"dns\",direction=\"out\",reason=\"bandwidth\"} 7")]
    [InlineData("portunus_edge_start_time_seconds 1772366400")]
    [InlineData("portunus_edge_loop_flows{loop=\"1\"} 4")]
    [InlineData("portunus_edge_flows_active{rule=\"a\\\\b\\\"c\\nd e\u001b{}=,é😀\"} 2")]
    public void Write_Sample_HasTheLine(string line) => Assert.Contains(line, MetricText.Write(Everything).Split('\n'));

    [Fact]
    public void Write_TcpRule_HasNoLineOfDatagrams() =>
        Assert.DoesNotContain(
            MetricText.Write(Everything).Split('\n'),
            line => line.StartsWith("portunus_edge_datagrams", StringComparison.Ordinal) && !line.Contains("\"dns\"", StringComparison.Ordinal));

    [Fact]
    public void Write_TargetNeverDialled_IsNeitherUpNorDown() =>
        Assert.DoesNotContain("portunus_edge_target_up{rule=\"six\",target=\"db.example:80\"}", MetricText.Write(Everything), StringComparison.Ordinal);

    [ProgramFact("promtool")]
    public async Task Write_NoRulesAndNoLimit_IsCleanToo()
    {
        var sample = SampleEdge.Sample(0);
        var text = MetricText.Write(sample with { Vitals = sample.Vitals with { DescriptorLimit = long.MaxValue } });
        Assert.Contains("portunus_edge_descriptor_limit +Inf", text, StringComparison.Ordinal);
        var run = await CommandRun.RunAsync("promtool", ["check", "metrics"], text);
        Assert.Equal("", run.Output + run.Errors);
    }
}

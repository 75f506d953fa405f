using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portunus.Edge.Scrape;
using Portunus.Edge.Stats;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.House;

/// <summary>docs/monitoring.md says what the edge serves: nothing is missing from it, and nothing in it is made up.</summary>
public sealed partial class MonitoringPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs/monitoring.md"));

    private static EdgeSample Everything => SampleEdge.Sample(5, SampleEdge.Rule("web", 1, 2), SampleEdge.Refused("mail"), SampleEdge.Datagrams("dns"));

    [Fact]
    public void Metrics_OfThePage_AreThoseServedWithKindAndLabels()
    {
        var documented = MetricRow().Matches(s_page)
            .Select(row => $"{row.Groups["name"].Value} {row.Groups["kind"].Value} {string.Join(',', Word().Matches(row.Groups["labels"].Value).Select(word => word.Groups[1].Value))}")
            .Order().ToArray();
        Assert.Equal(Served().Order(), documented);
    }

    [Fact]
    public void JsonFields_EachServed_IsOnThePage()
    {
        var history = new StatsHistory(TimeSpan.FromSeconds(1));
        history.Add(Everything);
        using var document = JsonDocument.Parse(StatsJson.Write(Everything, history, withHistory: true));
        var missing = Fields(document.RootElement).Distinct().Where(field => !s_page.Contains($"`{field}`", StringComparison.Ordinal) && !s_page.Contains($"`edge.{field}`", StringComparison.Ordinal));
        Assert.Empty(missing.Except(["edge"]));
    }

    [Fact]
    public void Words_EachReasonAndState_IsOnThePage()
    {
        var words = Enum.GetValues<FlowEnd>().Select(SampleWords.Of)
            .Concat(Enum.GetValues<DatagramDrop>().Select(SampleWords.Of))
            .Concat(Enum.GetValues<RuleStanding>().Select(SampleWords.Of))
            .Concat(Enum.GetValues<TargetStanding>().Select(SampleWords.Of))
            .Concat(Enum.GetValues<BindRefusal>().Where(refusal => refusal != BindRefusal.None).Select(SampleWords.Of));
        Assert.All(words, word => Assert.Contains($"`{word}`", s_page, StringComparison.Ordinal));
    }

    [ProgramFact("promtool")]
    public async Task Alerts_OfThePage_AreGoodRulesOverMetricsThatExist()
    {
        using var folder = new TempFolder();
        var rules = Block("portunus-alerts.yml");
        await File.WriteAllTextAsync(folder.File("alerts.yml"), rules);
        var run = await CommandRun.RunAsync("promtool", ["check", "rules", folder.File("alerts.yml")]);
        Assert.Equal("", run.Errors);
        Assert.Contains("5 rules found", run.Output, StringComparison.Ordinal);

        var served = Served().Select(line => line.Split(' ')[0]).ToHashSet();
        Assert.All(MetricName().Matches(rules), name => Assert.Contains(name.Value, served));
    }

    [ProgramFact("promtool")]
    public async Task Alerts_OfThePage_FireWhenTheyShould()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("alerts.yml"), Block("portunus-alerts.yml"));
        await File.WriteAllTextAsync(folder.File("test.yml"), AlertTest);
        var run = await CommandRun.RunAsync("promtool", ["test", "rules", folder.File("test.yml")]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    [ProgramFact("promtool")]
    public async Task ScrapeConfig_OfThePage_IsGood()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("prometheus.yml"), Block("prometheus.yml"));
        var run = await CommandRun.RunAsync("promtool", ["check", "config", folder.File("prometheus.yml")]);
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    // Two healthy rules beside one that fails in every way, so that an alert that always fires is seen too.
    private const string AlertTest = """
        rule_files: [alerts.yml]
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
              - series: 'up{job="portunus-edge", instance="a"}'
                values: '0x20'
              - series: 'up{job="portunus-edge", instance="b"}'
                values: '1x20'
              - series: 'portunus_edge_rule_refused{instance="b", rule="mail", reason="port_in_use"}'
                values: '1x20'
              - series: 'portunus_edge_target_up{instance="b", rule="mail", target="x:1"}'
                values: '0x20'
              - series: 'portunus_edge_target_up{instance="b", rule="web", target="x:1"}'
                values: '0x20'
              - series: 'portunus_edge_target_up{instance="b", rule="web", target="y:1"}'
                values: '1x20'
              - series: 'portunus_edge_flows_ended_total{instance="b", rule="mail", reason="no_target"}'
                values: '0+60x20'
              - series: 'portunus_edge_connections_accepted_total{instance="b", rule="mail"}'
                values: '0+600x20'
              - series: 'portunus_edge_flows_ended_total{instance="b", rule="web", reason="no_target"}'
                values: '0+1x20'
              - series: 'portunus_edge_connections_accepted_total{instance="b", rule="web"}'
                values: '0+600x20'
              - series: 'portunus_edge_open_descriptors{instance="b"}'
                values: '90x20'
              - series: 'portunus_edge_descriptor_limit{instance="b"}'
                values: '100x20'
            promql_expr_test:
              - expr: count by (alertname) (ALERTS{alertstate="firing"})
                eval_time: 15m
                exp_samples:
                  - labels: '{alertname="PortunusEdgeDown"}'
                    value: 1
                  - labels: '{alertname="PortunusRuleRefused"}'
                    value: 1
                  - labels: '{alertname="PortunusRuleFailing"}'
                    value: 1
                  - labels: '{alertname="PortunusFlowsFailing"}'
                    value: 1
                  - labels: '{alertname="PortunusDescriptorsShort"}'
                    value: 1
        """;

    /// <summary>Name, kind and labels of each family served, as a row of the page has them.</summary>
    private static IEnumerable<string> Served()
    {
        var lines = MetricText.Write(Everything).Split('\n');
        foreach (var type in lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)))
        {
            var words = type.Split(' ');
            var line = lines.First(line => line.StartsWith(words[2] + " ", StringComparison.Ordinal) || line.StartsWith(words[2] + "{", StringComparison.Ordinal));
            yield return $"{words[2]} {words[3]} {string.Join(',', Label().Matches(line).Select(label => label.Groups[1].Value))}";
        }
    }

    private static IEnumerable<string> Fields(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(field => Fields(field.Value).Prepend(field.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Fields),
        _ => [],
    };

    /// <summary>The fenced block that begins with the comment of a file's name.</summary>
    private static string Block(string file)
    {
        var start = s_page.IndexOf($"```yaml\n# {file}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"the page has no block {file}");
        start = s_page.IndexOf('\n', start) + 1;
        return s_page[start..s_page.IndexOf("\n```", start, StringComparison.Ordinal)] + "\n";
    }

    [GeneratedRegex(@"^\| `(?<name>portunus_edge_\w+)` \| (?<kind>\w+) \| (?<labels>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex MetricRow();

    [GeneratedRegex(@"portunus_edge_\w+")]
    private static partial Regex MetricName();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Word();

    [GeneratedRegex("[{,](\\w+)=\"")]
    private static partial Regex Label();
}

using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Metrics;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.House;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Scrape;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Web.Scrape;

/// <summary>The fleet in Prometheus' text: sound, bounded, and explained on its page.</summary>
public sealed partial class FleetTextTests
{
    private static readonly DateTimeOffset s_at = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs/monitoring.md"));

    [ProgramFact("promtool")]
    public async Task Everything_IsWhatPromtoolTakes()
    {
        var run = await CommandRun.RunAsync("promtool", ["check", "metrics"], Everything());
        Assert.True(run.ExitCode == 0 && run.Output + run.Errors == "", run.Output + run.Errors);
    }

    [Fact]
    public void Families_AreThoseOfThePageWithKindAndLabels()
    {
        var lines = Everything().Split('\n');
        var served = lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(type =>
        {
            var words = type.Split(' ');
            var line = lines.First(line => line.StartsWith(words[2] + " ", StringComparison.Ordinal) || line.StartsWith(words[2] + "{", StringComparison.Ordinal));
            return $"{words[2]} {words[3]} {string.Join(',', Label().Matches(line).Select(label => label.Groups[1].Value))}";
        });
        var documented = Row().Matches(s_page)
            .Select(row => $"{row.Groups["name"].Value} {row.Groups["kind"].Value} {string.Join(',', Word().Matches(row.Groups["labels"].Value).Select(word => word.Groups[1].Value))}");
        Assert.Equal(served.Order(), documented.Order());
    }

    [Fact]
    public void Values_AreThoseOfTheEdgesAndRules()
    {
        var (edge, rule) = (EdgeId.New(), RuleId.New());
        var text = Text([new NamedEdge(edge, "a \"name\"\\", false, 7)], [Rule(rule, edge)], [Counts(edge, rule)], edge);
        foreach (var line in new[]
        {
            $"portunus_fleet_edge_info{{edge=\"{edge}\",name=\"a \\\"name\\\"\\\\\",version=\"1.2.3\"}} 1",
            $"portunus_fleet_edge_link_up{{edge=\"{edge}\"}} 1",
            $"portunus_fleet_edge_plan_wanted{{edge=\"{edge}\"}} 7",
            $"portunus_fleet_edge_plan_applied{{edge=\"{edge}\"}} 6",
            $"portunus_fleet_edge_loop_load{{edge=\"{edge}\"}} 0.5",
            $"portunus_fleet_rule_bytes_total{{rule=\"{rule}\",direction=\"in\"}} 1",
            $"portunus_fleet_rule_bytes_total{{rule=\"{rule}\",direction=\"out\"}} 2",
            $"portunus_fleet_rule_datagrams_total{{rule=\"{rule}\",direction=\"out\"}} 5",
            $"portunus_fleet_rule_datagrams_dropped_total{{rule=\"{rule}\",direction=\"in\"}} 6",
            $"portunus_fleet_rule_flows_ended_total{{rule=\"{rule}\",reason=\"completed\"}} 3",
            $"portunus_fleet_rule_forwarding{{rule=\"{rule}\",state=\"failing\"}} 1",
            $"portunus_fleet_rule_forwarding{{rule=\"{rule}\",state=\"ok\"}} 0",
        })
        {
            Assert.Contains(line + "\n", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WordsThatAnEdgeMadeUp_AreNoLabels()
    {
        var (edge, rule) = (EdgeId.New(), RuleId.New());
        var counts = Counts(edge, rule, Enumerable.Range(0, 1000).ToDictionary(word => $"word{word}", _ => 1L));
        Assert.DoesNotContain("word", Text([], [Rule(rule, edge)], [counts], edge), StringComparison.Ordinal);
    }

    [Fact]
    public void RulesBeyondTheBound_AreLeftOutAndCounted()
    {
        var edge = EdgeId.New();
        var rules = Enumerable.Range(0, FleetText.MostRules + 50).Select(_ => Rule(RuleId.New(), edge)).ToList();
        var text = Text([], rules, [], edge);
        Assert.Equal(FleetText.MostRules, text.Split('\n').Count(line => line.StartsWith("portunus_fleet_rule_info{", StringComparison.Ordinal)));
        Assert.Contains("portunus_fleet_rules_left_out 50\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void RuleThatIsGone_OrThatNoEdgeToldOf_HasNoCounters()
    {
        var (edge, rule) = (EdgeId.New(), RuleId.New());
        Assert.DoesNotContain("portunus_fleet_rule_bytes_total{", Text([], [Rule(RuleId.New(), edge)], [Counts(edge, rule)], edge), StringComparison.Ordinal);
    }

    private static string Everything()
    {
        var (edge, rule) = (EdgeId.New(), RuleId.New());
        var lines = new MetricLines();
        using var room = new TrafficRoom();
        ProcessText.Write(lines, room.Writer, 4096);
        FleetText.Write(lines, [new NamedEdge(edge, "one", false, 7)], [Rule(rule, edge)], [Counts(edge, rule)], Presence(edge).Of);
        return lines.ToString();
    }

    private static string Text(IReadOnlyList<NamedEdge> edges, IReadOnlyList<NamedRule> rules, IReadOnlyList<EdgeCounts> counts, EdgeId edge)
    {
        var lines = new MetricLines();
        FleetText.Write(lines, edges, rules, counts, Presence(edge).Of);
        return lines.ToString();
    }

    private static NamedRule Rule(RuleId id, EdgeId edge) => new(id, "web", edge, AccountId.New(), TransportProtocol.Udp);

    private static EdgeCounts Counts(EdgeId edge, RuleId rule, Dictionary<string, long>? ends = null) => new(
        edge, s_at, new EdgeVitals(s_at, 2, [1, 2], 3, 10, 1000, 1 << 20, 0, 0) { LoopLoad = [0.25, 0.5] }, 4,
        [new RuleCounts(rule, new LedgerCount(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 11, ends ?? new() { ["completed"] = 3 }, ForwardingState.Failing)]);

    private static EdgePresence Presence(EdgeId edge)
    {
        var presence = new EdgePresence(new Portunus.Web.Live.LiveFeed(NullLogger<Portunus.Web.Live.LiveFeed>.Instance), TimeProvider.System);
        presence.Opened(edge, new LinkOrigin("i", "192.0.2.1", "1.2.3", "host", "Linux", "x64", []));
        presence.Applied(edge, new PlanRevision("1", 6));
        return presence;
    }

    [GeneratedRegex(@"^\| `(?<name>portunus_(?:fleet|web)_\w+)` \| (?<kind>\w+) \| (?<labels>[^|]*)\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Word();

    [GeneratedRegex("[{,](\\w+)=\"")]
    private static partial Regex Label();
}

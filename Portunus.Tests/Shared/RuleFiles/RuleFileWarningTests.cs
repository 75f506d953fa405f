using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

public sealed class RuleFileWarningTests
{
    private const string UdpRule = "[[rule]]\nname = 'dns'\nprotocol = 'udp'\nlisten_port = 53\ntarget = 'a.example:53'\n";

    [Theory]
    [InlineData("listen_port = 32768", "32768", 15)]
    [InlineData("listen_port = 60999", "60999", 15)]
    [InlineData("listen_ports = '32000-32768'", "32000-32768", 16)]
    public void PortsOfOutgoingConnections_AreWarnedAbout(string line, string ports, int column)
    {
        var text = $"[[rule]]\nname = 'a'\n{line}\ntargets = [{{ host = 'a.example', port = 1 }}]";

        var warning = Assert.Single(RuleText.Read(text, new PortRange(32768, 60999)).Warnings);

        Assert.Equal(("outgoing_ports_overlap", 3, column), (warning.Code, warning.Line, warning.Column));
        Assert.Contains($" {ports} ", warning.Text, StringComparison.Ordinal);
        Assert.Contains("32768-60999", warning.Text, StringComparison.Ordinal);
        Assert.Empty(RuleText.Read(text).Warnings);
    }

    [Theory]
    [InlineData(32767)]
    [InlineData(61000)]
    public void PortsBesideThoseOfOutgoingConnections_AreNot(int port)
    {
        var result = RuleText.Read($"[[rule]]\nname = 'a'\nlisten_port = {port}\ntarget = 'a.example:1'", new PortRange(32768, 60999));

        Assert.NotNull(result.File);
        Assert.Empty(result.Warnings);
    }

    [Theory]
    [InlineData("", "enabled = false\n", "rule[1].listen_port", 7)]
    [InlineData("enabled = false\n", "", "rule[0].listen_port", 3)]
    [InlineData("enabled = false\n", "enabled = false\n", "rule[1].listen_port", 8)]
    public void DisabledRuleOnATakenPort_IsAWarning(string first, string second, string field, int line)
    {
        var result = RuleText.Read($"{RuleText.SoundRule}{first}{RuleText.SoundRule.Replace("sound", "other", StringComparison.Ordinal)}{second}");

        Assert.NotNull(result.File);
        var warning = Assert.Single(result.Warnings);
        Assert.Equal(("disabled_collision", field, line, 15), (warning.Code, warning.Field, warning.Line, warning.Column));
        Assert.Contains(first.Length > 0 && second.Length == 0 ? "\"other\"" : "\"sound\"", warning.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("udp_idle_seconds = 60", "rule[0].udp_idle_seconds", "udp_idle_seconds has an effect only where protocol is udp.")]
    [InlineData("udp_flow_idle_secs = 60", "rule[0].udp_flow_idle_secs", "udp_flow_idle_secs has an effect only where protocol is udp.")]
    [InlineData("udp_max_flows = 60", "rule[0].udp_max_flows", "udp_max_flows has an effect only where protocol is udp.")]
    public void UdpKeyOfATcpRule_HasNoEffect(string line, string field, string text)
    {
        var warning = Assert.Single(RuleText.Read(RuleText.SoundRule + line).Warnings);

        Assert.Equal(("no_effect", field, text, 5), (warning.Code, warning.Field, warning.Text, warning.Line));
    }

    [Theory]
    [InlineData("idle_seconds")]
    [InlineData("connect_timeout_ms")]
    public void TcpKeyOfAUdpRule_HasNoEffect(string key)
    {
        var warning = Assert.Single(RuleText.Read($"{UdpRule}{key} = 500").Warnings);

        Assert.Equal(("no_effect", $"rule[0].{key}"), (warning.Code, warning.Field));
    }

    [Theory]
    [InlineData("udp_max_flows = 28233", true)]
    [InlineData("udp_max_flows = 28232", false)]
    [InlineData("", false)]
    public void MoreUdpFlowsThanOutgoingPorts_AreAWarning(string line, bool isWarned)
    {
        var result = RuleText.Read(UdpRule + line, new PortRange(32768, 60999));

        Assert.Equal(isWarned ? ["6:17 outgoing_ports_few rule[0].udp_max_flows"] : [], result.Warnings.Select(RuleText.Line));
    }

    [Theory]
    [InlineData("", 2, true)]
    [InlineData("balance = 'first'\n", 2, true)]
    [InlineData("", 1, false)]
    [InlineData("balance = 'random'\n", 2, false)]
    public void WeightWithoutABalanceThatAsksForIt_HasNoEffect(string balance, int weight, bool isWarned)
    {
        var text = $"[[rule]]\nname = 'a'\nlisten_port = 1\n{balance}targets = [{{ host = 'a.example', port = 1 }}, {{ host = 'b.example', port = 1, weight = {weight} }}]";

        Assert.Equal(isWarned ? ["no_effect rule[0].targets[1].weight"] : [],
            RuleText.Read(text).Warnings.Select(warning => $"{warning.Code} {warning.Field}"));
    }

    [Theory]
    [InlineData("prefer_ipv6 = true", "prefer_ipv6 = false", true)]
    [InlineData("prefer_ipv6 = true", "", false)]
    [InlineData("udp_max_flows = 9", "", true)]
    [InlineData("udp_flow_idle_secs = 9", "", true)]
    [InlineData("idle_seconds = 9", "", false)]
    public void DefaultThatNoRuleTakes_IsAWarning(string line, string own, bool isWarned)
    {
        var result = RuleText.Read($"[defaults]\n{line}\n{RuleText.SoundRule}{own}");

        var key = line.Split(' ')[0];
        Assert.Equal(isWarned ? [$"2:{key.Length + 4} default_unused defaults.{key}"] : [], result.Warnings.Select(RuleText.Line));
    }

    [Theory]
    [InlineData("0.0.0.0:7081", true)]
    [InlineData("[2001:db8::1]:7081", true)]
    [InlineData("127.0.0.9:7081", false)]
    [InlineData("[::1]:7081", false)]
    public void MetricsForOthers_AreAWarning(string listen, bool isWarned)
    {
        var result = RuleText.Read($"[metrics]\nlisten = '{listen}'\n{RuleText.SoundRule}");

        Assert.NotNull(result.File);
        Assert.Equal(isWarned ? ["2:10 metrics_exposed metrics.listen"] : [], result.Warnings.Select(RuleText.Line));
    }

    [Theory]
    [InlineData("7081")]
    [InlineData("localhost:7081")]
    [InlineData("::1:7081")]
    [InlineData("[127.0.0.1]:7081")]
    [InlineData("127.0.0.1:0")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:1-2")]
    [InlineData("")]
    public void MetricsWithoutAddressAndPort_AreRefused(string listen)
    {
        var problem = RuleText.Problem($"[metrics]\nlisten = '{listen}'\n{RuleText.SoundRule}");

        Assert.Equal(("metrics_listen_malformed", "metrics.listen", 2, 10), (problem.Code, problem.Field, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("listen_address = '127.0.0.1'\n", true)]
    [InlineData("", true)]
    [InlineData("listen_address = '127.0.0.2'\n", false)]
    [InlineData("listen_address = '::'\n", false)]
    [InlineData("enabled = false\n", false)]
    public void MetricsOnThePortOfARule_AreRefused(string line, bool isRefused)
    {
        var result = RuleText.Read($"[metrics]\nlisten = '127.0.0.1:8080'\n{RuleText.SoundRule}{line}");

        Assert.Equal(isRefused ? ["2:10 port_collision metrics.listen"] : [], result.Problems.Select(RuleText.Line));
    }
}

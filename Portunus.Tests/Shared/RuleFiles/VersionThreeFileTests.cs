using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>Files as people wrote them for version 3 run as they are; what lies outside our bounds is named with the bound.</summary>
public sealed class VersionThreeFileTests
{
    private const string EveryTable = """
        # /etc/portunus/standalone.toml
        [global]
        label = "frankfurt-1"
        log_level = "warn"
        log_format = "pretty"
        shutdown_drain_secs = 10

        [defaults]
        protocol = "tcp"
        udp_max_flows = 1024
        udp_flow_idle_secs = 60
        prefer_ipv6 = false

        [stats]
        enabled = true
        socket_path = "/run/portunus/standalone.sock"
        refresh_ms = 500

        [[rule]]
        name = "ssh"
        listen_port = 2222
        target = "10.0.0.5:22"

        [[rule]]
        name = "passive-ftp"
        listen_ports = "8000-8009"
        target = "[2001:db8::7]:9000-9009"

        [[rule]]
        name = "https"
        protocol = "tcp"
        listen_ports = "8443"
        prefer_ipv6 = true
        targets = [
            { host = "web-a.example.net", port = 443, proxy_protocol = "v2" },
            { host = "web-b.example.net", port = 443, priority = 1, proxy_protocol = "V1" },
        ]
        """;

    private const string Game = """

        [[rule]]
        name = "game"
        protocol = "udp"
        listen_port = 27015
        target = "192.0.2.9:27015"
        udp_max_flows = 512
        udp_flow_idle_secs = 120
        """;

    [Fact]
    public void FileWithEveryTable_RunsAsItIs()
    {
        var file = RuleText.Sound(EveryTable);

        Assert.Equal(new GlobalSettings { Label = "frankfurt-1", LogLevel = "warn", LogFormat = "text", ShutdownDrain = TimeSpan.FromSeconds(10) }, file.Global);
        Assert.Equal(new StatsSettings { SocketPath = "/run/portunus/standalone.sock", RefreshMs = 500 }, file.Stats);
        Assert.Equal(["ssh", "passive-ftp", "https"], file.Rules.Select(rule => rule.Rule.Name));
        Assert.Equal(new PortRange(8000, 8009), file.Rules[1].Rule.ListenPorts);
        Assert.Equal(9000, file.Rules[1].Rule.Targets[0].FirstPort);
        Assert.Equal(PortRange.Single(8443), file.Rules[2].Rule.ListenPorts);
        Assert.Equal(
            [("web-a.example.net", 0, ProxyHeaderVersion.V2), ("web-b.example.net", 1, ProxyHeaderVersion.V1)],
            file.Rules[2].Rule.Targets.Select(target => (target.Host, target.Priority, target.ProxyHeader)));
        Assert.Equal([false, false, true], file.Rules.Select(rule => rule.Rule.PreferIpv6));
        Assert.All(file.Rules, rule => Assert.Equal((1024, TimeSpan.FromSeconds(60)), (rule.Rule.UdpMaxFlows, rule.Rule.UdpIdle)));
    }

    [Fact]
    public void UdpRule_RunsAsItIs()
    {
        var rule = RuleText.Sound(EveryTable + Game).Rules[3].Rule;

        Assert.Equal(
            (TransportProtocol.Udp, PortRange.Single(27015), 512, TimeSpan.FromSeconds(120)),
            (rule.Protocol, rule.ListenPorts, rule.UdpMaxFlows, rule.UdpIdle));
        Assert.Empty(ServedFeatures.Check(rule));
    }

    [Fact]
    public void RuleAlone_HasOurDefaults()
    {
        var rule = Assert.Single(RuleText.Sound("[[rule]]\nname = 'a'\nlisten_port = 80\ntarget = 'a.example.net:80'\n").Rules).Rule;

        Assert.Equal((4096, 60.0, 3000.0, true), (rule.UdpMaxFlows, rule.UdpIdle.TotalSeconds, rule.ConnectTimeout.TotalMilliseconds, rule.Enabled));
    }

    [Theory]
    [InlineData("shutdown_drain_secs = 10", "shutdown_drain_secs = 86400", "global.shutdown_drain_secs", "between 0 and 3600")]
    [InlineData("refresh_ms = 500", "refresh_ms = 100", "stats.refresh_ms", "between 250 and 5000")]
    [InlineData("udp_max_flows = 1024", "udp_max_flows = 1_000_000", "defaults.udp_max_flows", "between 1 and 65535")]
    [InlineData("udp_flow_idle_secs = 60", "udp_flow_idle_secs = 0", "defaults.udp_flow_idle_secs", "between 5 and 3600")]
    [InlineData("listen_port = 2222", "listen_port = 0", "rule[0].listen_port", "between 1 and 65535")]
    [InlineData("priority = 1,", "priority = 100,", "rule[2].targets[1].priority", "between 0 and 99")]
    [InlineData("\"8000-8009\"", "\"8000-9999\"", "rule[1].listen_ports", "at most 1024")]
    [InlineData("\"warn\"", "\"portunus=debug\"", "global.log_level", "trace, debug, info, warn, error")]
    [InlineData("protocol = \"tcp\"\nlisten", "protocol = \"sctp\"\nlisten", "rule[2].protocol", "tcp, udp")]
    public void ValueOutside_IsRefusedWithTheBound(string had, string has, string field, string bound)
    {
        Assert.Contains(had, EveryTable, StringComparison.Ordinal);

        var problem = RuleText.Problem(EveryTable.Replace(had, has, StringComparison.Ordinal));

        Assert.Equal(field, problem.Field);
        Assert.Contains(bound, problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void RangeWithSeveralTargets_WhichVersion3Refused_IsServed()
    {
        var rule = Assert.Single(RuleText.Sound("""
            [[rule]]
            name = "range"
            listen_ports = "7000-7004"
            targets = [{ host = "10.0.0.1", port = 9000 }, { host = "10.0.0.2", port = 9500 }]
            """).Rules).Rule;

        Assert.Equal([9000, 9500], rule.Targets.Select(target => target.FirstPort));
    }
}

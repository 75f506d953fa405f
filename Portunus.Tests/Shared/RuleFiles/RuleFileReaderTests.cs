using System.Net;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.RuleFiles;

public sealed class RuleFileReaderTests
{
    [Fact]
    public void SmallestFile_IsRead()
    {
        var file = RuleText.Sound("""
            # one rule
            [[rule]]
            name = "web"
            listen_port = 8080
            target = "192.0.2.1:80"
            """);

        var rule = Assert.Single(file.Rules);
        Assert.Equal(2, rule.Line);
        Assert.Equal("web", rule.Spec.Name);
        Assert.Equal(PortRange.Single(8080), rule.Rule.ListenPorts);
        Assert.Equal("192.0.2.1", Assert.Single(rule.Rule.Targets).Host);
        Assert.Equal(TransportProtocol.Tcp, rule.Rule.Protocol);
        Assert.Equal(new GlobalSettings(), file.Global);
        Assert.Equal(new StatsSettings(), file.Stats);
        Assert.Null(file.MetricsListen);
    }

    [Fact]
    public void EveryServedKeyOfARule_IsRead()
    {
        var rule = Assert.Single(RuleText.Sound("""
            [[rule]]
            name = "all"
            protocol = "TCP"
            listen_address = "127.0.0.1"
            listen_ports = "8000-8009"
            balance = "least_flows"
            prefer_ipv6 = true
            allow = ["10.0.0.0/8", "2001:db8::/32"]
            deny = ["10.9.0.0/16"]
            connect_timeout_ms = 500
            idle_seconds = 600
            udp_idle_seconds = 30
            udp_max_flows = 12
            enabled = false
            note = "for the tests"
            limits = { bytes_per_second_in = 1000, bytes_per_second_out = 2000, burst_bytes_in = 3000, burst_bytes_out = 4000, new_flows_per_second = 5, new_flows_burst = 6, concurrent_flows = 7 }

            [[rule.targets]]
            host = "one.example.org"
            port = 9000
            priority = 3
            weight = 4
            proxy_protocol = "v2"

            [[rule.targets]]
            host = "::1"
            port = 9100
            """).Rules).Rule;

        Assert.Equal(IPAddress.Loopback, rule.ListenAddress);
        Assert.Equal(new PortRange(8000, 8009), rule.ListenPorts);
        Assert.Equal(BalancePolicy.LeastFlows, rule.Balance);
        Assert.True(rule.PreferIpv6);
        Assert.Equal(2, rule.Allow?.Count);
        Assert.Equal(1, rule.Deny?.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(500), rule.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(600), rule.Idle);
        Assert.Equal(TimeSpan.FromSeconds(30), rule.UdpIdle);
        Assert.Equal(12, rule.UdpMaxFlows);
        Assert.False(rule.Enabled);
        Assert.Equal("for the tests", rule.Note);
        Assert.Equal(new LimitSpec
        {
            BytesPerSecondIn = 1000,
            BytesPerSecondOut = 2000,
            BurstBytesIn = 3000,
            BurstBytesOut = 4000,
            NewFlowsPerSecond = 5,
            NewFlowsBurst = 6,
            ConcurrentFlows = 7,
        }, rule.Limits);
        Assert.Equal(
            [
                new CheckedTarget("one.example.org", null, 9000, 3, 4, ProxyHeaderVersion.V2),
                new CheckedTarget("::1", IPAddress.IPv6Loopback, 9100, 0, 1, ProxyHeaderVersion.None),
            ],
            rule.Targets);
    }

    [Fact]
    public void Settings_AreRead()
    {
        var file = RuleText.Sound("""
            [global]
            label = "edge of the lab"
            log_level = "DEBUG"
            log_format = "pretty"
            shutdown_drain_secs = 0
            reload_flows = "drain"
            [stats]
            enabled = false
            socket_path = "/tmp/stats.sock"
            refresh_ms = 250
            [metrics]
            listen = "[::1]:7081"

            """ + RuleText.SoundRule);

        Assert.Equal(new GlobalSettings
        {
            Label = "edge of the lab",
            LogLevel = "debug",
            LogFormat = "text",
            ShutdownDrain = TimeSpan.Zero,
            ReloadFlows = FlowPolicy.Drain,
        }, file.Global);
        Assert.Equal(new StatsSettings { Enabled = false, SocketPath = "/tmp/stats.sock", RefreshMs = 250 }, file.Stats);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 7081), file.MetricsListen);
    }

    [Fact]
    public void Defaults_SpeakWhereTheRuleIsSilent()
    {
        var file = RuleText.Sound("""
            [defaults]
            protocol = "tcp"
            balance = "random"
            prefer_ipv6 = true
            connect_timeout_ms = 700
            idle_seconds = 90
            udp_idle_seconds = 7
            udp_max_flows = 70
            [[rule]]
            name = "silent"
            listen_port = 8001
            target = "192.0.2.1:80"
            [[rule]]
            name = "own"
            listen_port = 8002
            target = "192.0.2.1:80"
            balance = "first"
            prefer_ipv6 = false
            connect_timeout_ms = 800
            idle_seconds = 0
            udp_flow_idle_secs = 9
            udp_max_flows = 90
            """);

        var (silent, own) = (file.Rules[0].Rule, file.Rules[1].Rule);
        Assert.Equal((BalancePolicy.Random, true, 700, 90, 7, 70), Values(silent));
        Assert.Equal((BalancePolicy.First, false, 800, 0, 9, 90), Values(own));

        static (BalancePolicy, bool, double, double, double, int) Values(CheckedRule rule) =>
            (rule.Balance, rule.PreferIpv6, rule.ConnectTimeout.TotalMilliseconds, rule.Idle.TotalSeconds, rule.UdpIdle.TotalSeconds, rule.UdpMaxFlows);
    }

    [Fact]
    public void AllProblems_AreToldAtOnceByLine()
    {
        var result = RuleText.Read("""
            [global]
            log_levle = "info"
            shutdown_drain_secs = 3601
            [[rule]]
            listen_port = 0
            target = "192.0.2.1:80"
            [[rule]]
            name = "two"
            listen_port = "8080"
            targets = [
              { host = "192.0.2.1", port = 70000 },
              { host = "192.0.2.1" },
            ]
            listen_adress = "::"
            enabled = 1
            [[rule]]
            name = "two"
            listen_port = 8081
            """);

        Assert.Null(result.File);
        Assert.Equal(
            [
                "2:1 unknown_key global.log_levle",
                "3:23 out_of_range global.shutdown_drain_secs",
                "4:1 name_missing rule[0].name",
                "5:15 out_of_range rule[0].listen_port",
                "9:15 wrong_type rule[1].listen_port",
                "11:32 out_of_range rule[1].targets[0].port",
                "12:3 target_port_missing rule[1].targets[1].port",
                "14:1 unknown_key rule[1].listen_adress",
                "15:11 wrong_type rule[1].enabled",
                "16:1 target_missing rule[2].target",
                "17:8 name_duplicate rule[2].name",
            ],
            result.Problems.Select(RuleText.Line));
    }
}

using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>What a rule means when it is sound, and that a faulty one is told everything at once.</summary>
public sealed class RuleCheckTests
{
    [Fact]
    public void Defaults_AreApplied()
    {
        var rule = Sound(new RuleSpec { ListenPort = 1, Target = "host.example:65535" });
        Assert.Equal("", rule.Name);
        Assert.Equal(TransportProtocol.Tcp, rule.Protocol);
        Assert.Null(rule.ListenAddress);
        Assert.Equal(new PortRange(1, 1), rule.ListenPorts);
        Assert.Equal(new CheckedTarget("host.example", null, 65535, 0, 1, ProxyHeaderVersion.None), Assert.Single(rule.Targets));
        Assert.Equal(BalancePolicy.First, rule.Balance);
        Assert.False(rule.PreferIpv6);
        Assert.Empty(rule.Sni);
        Assert.False(rule.SniFallback);
        Assert.Null(rule.Allow);
        Assert.Null(rule.Deny);
        Assert.Null(rule.HealthCheck);
        Assert.Equal(LimitSpec.None, rule.Limits);
        Assert.Equal(TimeSpan.FromSeconds(60), rule.UdpIdle);
        Assert.Equal(4096, rule.UdpMaxFlows);
        Assert.Equal(TimeSpan.FromSeconds(3), rule.ConnectTimeout);
        Assert.Equal(TimeSpan.Zero, rule.Idle);
        Assert.False(rule.AcceptProxyProtocol);
        Assert.Null(rule.ProxyProtocolFrom);
        Assert.True(rule.Enabled);
        Assert.Null(rule.ExpiresAt);
        Assert.Equal("", rule.Note);
    }

    [Fact]
    public void EveryField_ArrivesInTheCheckedRule()
    {
        var limits = new LimitSpec
        {
            BytesPerSecondIn = 1000, BurstBytesIn = 10, BytesPerSecondOut = 2000, BurstBytesOut = 120_000,
            NewFlowsPerSecond = 5, NewFlowsBurst = 300, ConcurrentFlows = 7,
        };
        var health = new HealthCheckSpec { IntervalSeconds = 10, TimeoutMs = 100, Rise = 1, Fall = 10, Probe = "connect" };
        var rule = Sound(new RuleSpec
        {
            Name = "all", Protocol = "TCP", ListenAddress = "::ffff:192.0.2.1", ListenPorts = "443",
            Targets =
            [
                new() { Host = "[2001:DB8::1]", Port = 1, Priority = 99, Weight = 100, ProxyProtocol = "V1" },
                new() { Host = "B.Example.", Port = 2, ProxyProtocol = "v2" },
                new() { Host = "::ffff:10.0.0.1", Port = 3, ProxyProtocol = "" },
            ],
            Balance = "Source_Hash", PreferIpv6 = true, Sni = ["A.example", "*.B.example"], SniFallback = true,
            Allow = ["10.0.0.0/8", "::1"], Deny = ["10.1.0.0/16"], HealthCheck = health, Limits = limits,
            UdpIdleSeconds = 5, UdpMaxFlows = 1, ConnectTimeoutMs = 100, IdleSeconds = 86400, AcceptProxyProtocol = true,
            ProxyProtocolFrom = ["192.0.2.0/24"], Enabled = false, ExpiresAt = DateTimeOffset.UnixEpoch, Note = "why",
        });
        Assert.Equal("all", rule.Name);
        Assert.Equal(IPAddress.Parse("192.0.2.1"), rule.ListenAddress);
        Assert.Equal(PortRange.Single(443), rule.ListenPorts);
        Assert.Equal(
            [
                new CheckedTarget("2001:db8::1", IPAddress.Parse("2001:db8::1"), 1, 99, 100, ProxyHeaderVersion.V1),
                new CheckedTarget("b.example", null, 2, 0, 1, ProxyHeaderVersion.V2),
                new CheckedTarget("10.0.0.1", IPAddress.Parse("10.0.0.1"), 3, 0, 1, ProxyHeaderVersion.None),
            ],
            rule.Targets);
        Assert.Equal(BalancePolicy.SourceHash, rule.Balance);
        Assert.True(rule.PreferIpv6);
        Assert.Equal([new HostPattern("a.example", false), new HostPattern("b.example", true)], rule.Sni);
        Assert.True(rule.SniFallback);
        Assert.Equal(2, rule.Allow?.Count);
        Assert.Equal(1, rule.Deny?.Count);
        Assert.Equal(health, rule.HealthCheck);
        Assert.Equal(limits, rule.Limits);
        Assert.Equal((TimeSpan.FromSeconds(5), 1), (rule.UdpIdle, rule.UdpMaxFlows));
        Assert.Equal((TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1)), (rule.ConnectTimeout, rule.Idle));
        Assert.True(rule.AcceptProxyProtocol);
        Assert.True(rule.ProxyProtocolFrom?.Contains(IPAddress.Parse("192.0.2.77").GetAddressBytes()));
        Assert.False(rule.Enabled);
        Assert.Equal(DateTimeOffset.UnixEpoch, rule.ExpiresAt);
        Assert.Equal("why", rule.Note);
    }

    [Theory]
    [InlineData("first", BalancePolicy.First)]
    [InlineData("round_robin", BalancePolicy.RoundRobin)]
    [InlineData("least_flows", BalancePolicy.LeastFlows)]
    [InlineData("random", BalancePolicy.Random)]
    [InlineData("source_hash", BalancePolicy.SourceHash)]
    public void Balance_KnowsFiveWords(string word, BalancePolicy policy) =>
        Assert.Equal(policy, Sound(ProblemCases.Sound with { Balance = word }).Balance);

    [Fact]
    public void ManyFaults_AreAllTold()
    {
        var result = RuleCheck.Check(new RuleSpec
        {
            Name = new string('\n', 65), Protocol = "udp", ListenAddress = "here", ListenPorts = "1-1025",
            Targets =
            [
                new() { Host = "-", Port = 0, Priority = 100, Weight = 101, ProxyProtocol = "v1" },
                new() { ProxyProtocol = "v9" },
            ],
            Balance = "?", Sni = ["*"], Allow = ["x", "10.0.0.0/8", "y"], Deny = ["z"],
            HealthCheck = new() { TimeoutMs = 99, Rise = 11, Fall = 0, Probe = "connect", Send = "0", Expect = "g" },
            Limits = new() { BytesPerSecondIn = 0, BurstBytesOut = 1, NewFlowsPerSecond = -1, ConcurrentFlows = 0 },
            UdpIdleSeconds = 4, UdpMaxFlows = 65536, ConnectTimeoutMs = 99, IdleSeconds = 86401, AcceptProxyProtocol = true,
            Note = new string('x', 501),
        });
        Assert.Null(result.Rule);
        Assert.Equal(
            [
                ("name_length", "name"), ("name_character", "name"), ("listen_address_malformed", "listen_address"), ("listen_ports_too_many", "listen_ports"),
                ("host_label_hyphen", "targets[0].host"), ("out_of_range", "targets[0].port"), ("out_of_range", "targets[0].priority"),
                ("out_of_range", "targets[0].weight"), ("proxy_protocol_needs_tcp", "targets[0].proxy_protocol"),
                ("host_empty", "targets[1].host"), ("target_port_missing", "targets[1].port"), ("proxy_protocol_unknown", "targets[1].proxy_protocol"),
                ("sni_needs_tcp", "sni"), ("sni_pattern", "sni[0]"),
                ("proxy_in_needs_tcp", "accept_proxy_protocol"), ("proxy_from_required", "proxy_protocol_from"),
                ("balance_unknown", "balance"), ("prefix_malformed", "allow[0]"), ("prefix_malformed", "allow[2]"), ("prefix_malformed", "deny[0]"),
                ("health_interval_missing", "health_check.interval_seconds"), ("out_of_range", "health_check.timeout_ms"),
                ("out_of_range", "health_check.rise"), ("out_of_range", "health_check.fall"), ("health_probe_protocol", "health_check.probe"),
                ("hex_malformed", "health_check.send"), ("hex_malformed", "health_check.expect"),
                ("limit_zero", "limits.bytes_per_second_in"), ("burst_without_rate", "limits.burst_bytes_out"),
                ("out_of_range", "limits.new_flows_per_second"), ("limit_zero", "limits.concurrent_flows"),
                ("out_of_range", "udp_idle_seconds"), ("out_of_range", "udp_max_flows"), ("out_of_range", "connect_timeout_ms"),
                ("out_of_range", "idle_seconds"), ("note_length", "note"),
            ],
            result.Problems.Select(problem => (problem.Code, problem.Field)));
    }

    [Fact]
    public void OneTargetAsText_TakesLimitsAndHealth()
    {
        var rule = Sound(ProblemCases.Sound with { Limits = new() { BytesPerSecondIn = 5 }, HealthCheck = new() { IntervalSeconds = 9 } });
        Assert.Equal((5L, 9L), (rule.Limits.BytesPerSecondIn, rule.HealthCheck?.IntervalSeconds));
    }

    [Fact]
    public void Range_TakesSeveralTargetsAndProxyHeaders()
    {
        var rule = Sound(ProblemCases.Sound with
        {
            ListenPort = null, ListenPorts = "80-82", Target = null,
            Targets = [ProblemCases.SoundTarget with { Port = 1080, ProxyProtocol = "v2" }, ProblemCases.SoundTarget with { Port = 2080, Priority = 1 }],
        });
        Assert.Equal([(1080, ProxyHeaderVersion.V2), (2080, ProxyHeaderVersion.None)], rule.Targets.Select(target => (target.FirstPort, target.ProxyHeader)));
    }

    [Fact]
    public void Udp_TakesProxyHeadersForTheFirstDatagramAndForEach()
    {
        var rule = Sound(ProblemCases.Sound with
        {
            Protocol = "udp", Target = null,
            Targets =
            [
                ProblemCases.SoundTarget with { Port = 1, ProxyProtocol = "v2" }, ProblemCases.SoundTarget with { Port = 2, ProxyProtocol = "v2-each" },
                ProblemCases.SoundTarget with { Port = 3 },
            ],
        });
        Assert.Equal([ProxyHeaderVersion.V2, ProxyHeaderVersion.V2Each, ProxyHeaderVersion.None], rule.Targets.Select(target => target.ProxyHeader));
    }

    [Fact]
    public void EmptyAllow_IsPresentAndLetsNobodyIn()
    {
        var rule = Sound(ProblemCases.Sound with { Allow = [] });
        Assert.Equal(0, rule.Allow?.Count);
        Assert.False(rule.Allow?.Contains(IPAddress.Loopback.GetAddressBytes()));
    }

    [Fact]
    public void NameAndNote_CountCharactersAndNotCodeUnits()
    {
        Sound(ProblemCases.Sound with { Name = string.Concat(Enumerable.Repeat("\U0001F98A", 64)), Note = string.Concat(Enumerable.Repeat("\U0001F98A", 500)) });
        Assert.Equal("name_length", Assert.Single(RuleCheck.Check(ProblemCases.Sound with { Name = string.Concat(Enumerable.Repeat("\U0001F98A", 65)) }).Problems).Code);
    }

    [Fact]
    public void DisabledRule_IsCheckedAsStrictly() =>
        Assert.Equal("listen_port_missing", Assert.Single(RuleCheck.Check(new RuleSpec { Enabled = false, Target = "a:1" }).Problems).Code);

    [Fact]
    public void NullSpec_IsACallersError() => Assert.Throws<ArgumentNullException>(() => RuleCheck.Check(null!));

    internal static CheckedRule Sound(RuleSpec spec)
    {
        var result = RuleCheck.Check(spec);
        Assert.Empty(result.Problems);
        return Assert.IsType<CheckedRule>(result.Rule);
    }
}

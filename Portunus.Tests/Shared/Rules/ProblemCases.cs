using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>A rule with exactly one thing wrong, and the problem it must get.</summary>
internal sealed record ProblemCase(string Code, string Field, RuleSpec Spec);

/// <summary>For each problem code of <see cref="RuleCheck"/>, rules that have this problem and no other.</summary>
internal static class ProblemCases
{
    /// <summary>A rule with nothing wrong.</summary>
    public static RuleSpec Sound { get; } = new() { Name = "web", ListenPort = 8080, Target = "10.0.0.1:80" };

    /// <summary>A target with nothing wrong.</summary>
    public static TargetSpec SoundTarget { get; } = new() { Host = "10.0.0.1", Port = 80 };

    public static IReadOnlyList<ProblemCase> All { get; } =
    [
        new("name_length", "name", Sound with { Name = "" }),
        new("name_length", "name", Sound with { Name = "   " }),
        new("name_length", "name", Sound with { Name = new string('n', 65) }),
        new("name_character", "name", Sound with { Name = "we\u0007b" }),
        new("note_length", "note", Sound with { Note = new string('n', 501) }),
        new("protocol_unknown", "protocol", Sound with { Protocol = "sctp" }),
        new("balance_unknown", "balance", Sound with { Balance = "fastest" }),

        new("listen_address_malformed", "listen_address", Sound with { ListenAddress = "localhost" }),
        new("listen_address_malformed", "listen_address", Sound with { ListenAddress = "" }),
        new("listen_address_malformed", "listen_address", Sound with { ListenAddress = "127.1" }),
        new("listen_address_malformed", "listen_address", Sound with { ListenAddress = "fe80::1%no-such-interface" }),
        new("listen_port_twice", "listen_ports", Sound with { ListenPorts = "80-81" }),
        new("listen_port_missing", "listen_port", Sound with { ListenPort = null }),
        new("listen_ports_malformed", "listen_ports", Sound with { ListenPort = null, ListenPorts = "81-80" }),
        new("listen_ports_malformed", "listen_ports", Sound with { ListenPort = null, ListenPorts = "0-5" }),
        new("listen_ports_too_many", "listen_ports", Sound with { ListenPort = null, ListenPorts = "1000-2024", Target = "10.0.0.1:1000-2024" }),

        new("target_twice", "targets", Sound with { Targets = [SoundTarget] }),
        new("target_missing", "target", Sound with { Target = null }),
        new("target_malformed", "target", Sound with { Target = "10.0.0.1" }),
        new("target_malformed", "target", Sound with { Target = "[::1]" }),
        new("target_malformed", "target", Sound with { Target = "10.0.0.1:http" }),
        new("target_malformed", "target", Sound with { Target = "10.0.0.1:0" }),
        new("target_malformed", "target", Sound with { Target = "10.0.0.1:65536" }),
        new("range_width", "target", Sound with { ListenPort = null, ListenPorts = "80-82", Target = "10.0.0.1:80-81" }),
        new("range_width", "target", Sound with { ListenPort = null, ListenPorts = "80-82", Target = "10.0.0.1:80" }),
        new("range_width", "target", Sound with { Target = "10.0.0.1:80-81" }),
        new("range_overflow", "targets[0].port", Entries(SoundTarget with { Port = 65534 }) with { ListenPort = null, ListenPorts = "80-82" }),
        new("targets_empty", "targets", Entries()),
        new("targets_too_many", "targets", Entries([.. Enumerable.Range(1, 9).Select(port => SoundTarget with { Port = port })])),
        new("targets_duplicate", "targets[1]", Entries(SoundTarget with { Host = "One.example." }, SoundTarget with { Host = "one.EXAMPLE" })),
        new("targets_duplicate", "targets[1]", Entries(SoundTarget, SoundTarget with { Host = "::ffff:10.0.0.1" })),
        new("target_empty", "targets[1]", Entries(SoundTarget, null!)),
        new("target_port_missing", "targets[0].port", Entries(SoundTarget with { Port = null })),
        new("target_loop", "target", Sound with { Target = "127.0.0.1:8080" }),

        new("host_empty", "target", Sound with { Target = ":80" }),
        new("host_empty", "targets[0].host", Entries(SoundTarget with { Host = null })),
        new("host_empty", "targets[0].host", Entries(SoundTarget with { Host = " " })),
        new("host_ipv6_brackets", "target", Sound with { Target = "::1:80" }),
        new("host_ipv6_brackets", "targets[0].host", Entries(SoundTarget with { Host = "2001:db8::x" })),
        new("host_too_long", "targets[0].host", Entries(SoundTarget with { Host = Name(254) })),
        new("host_label_empty", "targets[0].host", Entries(SoundTarget with { Host = "a..example" })),
        new("host_label_too_long", "targets[0].host", Entries(SoundTarget with { Host = new string('a', 64) + ".example" })),
        new("host_label_hyphen", "targets[0].host", Entries(SoundTarget with { Host = "a-.example" })),
        new("host_label_hyphen", "targets[0].host", Entries(SoundTarget with { Host = "-a.example" })),
        new("host_character", "targets[0].host", Entries(SoundTarget with { Host = "b\u00fccher.example" })),
        new("host_character", "targets[0].host", Entries(SoundTarget with { Host = "under_score.example" })),
        new("host_numeric", "targets[0].host", Entries(SoundTarget with { Host = "10.0.0.256" })),

        new("proxy_protocol_unknown", "targets[0].proxy_protocol", Entries(SoundTarget with { ProxyProtocol = "v3" })),
        new("proxy_protocol_needs_udp", "targets[0].proxy_protocol", Entries(SoundTarget with { ProxyProtocol = "v2-each" })),
        new("proxy_protocol_needs_tcp", "targets[0].proxy_protocol", Entries(SoundTarget with { ProxyProtocol = "v1" }) with { Protocol = "udp" }),

        new("sni_needs_tcp", "sni", Sound with { Protocol = "udp", Sni = ["a.example"] }),
        new("sni_needs_tcp", "sni_fallback", Sound with { Protocol = "udp", SniFallback = true }),
        new("sni_needs_single_port", "sni", Sound with { ListenPort = null, ListenPorts = "80-81", Target = "10.0.0.1:80-81", Sni = ["a.example"] }),
        new("sni_empty", "sni", Sound with { Sni = [] }),
        new("sni_duplicate", "sni[1]", Sound with { Sni = ["A.example.", "a.example"] }),
        new("sni_pattern", "sni[0]", Sound with { Sni = ["*.com"] }),

        new("proxy_from_without_accept", "proxy_protocol_from", Sound with { ProxyProtocolFrom = ["10.0.0.0/8"] }),
        new("proxy_in_needs_tcp", "accept_proxy_protocol", Sound with { Protocol = "udp", AcceptProxyProtocol = true, ProxyProtocolFrom = ["10.0.0.0/8"] }),
        new("proxy_from_required", "proxy_protocol_from", Sound with { AcceptProxyProtocol = true }),
        new("proxy_from_required", "proxy_protocol_from", Sound with { AcceptProxyProtocol = true, ProxyProtocolFrom = [] }),
        new("prefix_malformed", "allow[1]", Sound with { Allow = ["10.0.0.0/8", "10.0.0.0/33"] }),
        new("prefix_malformed", "deny[0]", Sound with { Deny = ["10.0.0.1/8"] }),
        new("prefix_malformed", "proxy_protocol_from[0]", Sound with { AcceptProxyProtocol = true, ProxyProtocolFrom = ["example"] }),

        new("health_interval_missing", "health_check.interval_seconds", Sound with { HealthCheck = new() }),
        new("health_probe_missing", "health_check.probe", Sound with { Protocol = "udp", HealthCheck = Every10 }),
        new("probe_unknown", "health_check.probe", Sound with { HealthCheck = Every10 with { Probe = "ping" } }),
        new("probe_unknown", "health_check.probe", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "ping" } }),
        new("health_probe_protocol", "health_check.probe", Sound with { HealthCheck = Every10 with { Probe = "dns" } }),
        new("health_probe_protocol", "health_check.probe", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "connect" } }),
        new("health_send_missing", "health_check.send", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "raw" } }),
        new("health_send_missing", "health_check.send", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "raw", Send = "" } }),
        new("hex_malformed", "health_check.send", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "raw", Send = "abc" } }),
        new("hex_malformed", "health_check.expect", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "raw", Send = "ab", Expect = "xy" } }),
        new("hex_malformed", "health_check.send", Sound with { Protocol = "udp", HealthCheck = Every10 with { Probe = "raw", Send = new string('a', 1026) } }),

        new("limit_zero", "limits.concurrent_flows", Sound with { Limits = new() { ConcurrentFlows = 0 } }),
        new("limit_zero", "limits.bytes_per_second_in", Sound with { Limits = new() { BytesPerSecondIn = 0, BurstBytesIn = 5 } }),
        new("burst_without_rate", "limits.burst_bytes_in", Sound with { Limits = new() { BurstBytesIn = 5, BytesPerSecondOut = 5 } }),
        new("burst_range", "limits.new_flows_burst", Sound with { Limits = new() { NewFlowsPerSecond = 10, NewFlowsBurst = 601 } }),
        new("out_of_range", "limits.new_flows_per_second", Sound with { Limits = new() { NewFlowsPerSecond = 10_000_001, NewFlowsBurst = 1 } }),
        new("out_of_range", "listen_port", Sound with { ListenPort = 0 }),
        new("out_of_range", "targets[0].weight", Entries(SoundTarget with { Weight = 0 })),
    ];

    /// <summary>A host name of letters, of the given length in all.</summary>
    public static string Name(int length) =>
        string.Concat(Enumerable.Range(0, length).Select(at => at % 50 == 49 && at < length - 1 ? '.' : 'a'));

    private static HealthCheckSpec Every10 => new() { IntervalSeconds = 10 };

    private static RuleSpec Entries(params TargetSpec[] targets) => Sound with { Target = null, Targets = targets };
}

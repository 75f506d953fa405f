namespace Portunus.Shared.RuleJson;

/// <summary>Every field that a rule may have in JSON.</summary>
public static class RuleJsonFields
{
    /// <summary>Of the rule itself.</summary>
    public static IReadOnlyList<string> Rule { get; } =
    [
        "name", "protocol", "listen_address", "listen_port", "listen_ports", "target", "targets", "balance", "prefer_ipv6", "sni", "sni_fallback",
        "allow", "deny", "health_check", "limits", "udp_idle_seconds", "udp_max_flows", "connect_timeout_ms", "idle_seconds",
        "accept_proxy_protocol", "proxy_protocol_from", "enabled", "expires_at", "note",
    ];

    /// <summary>Of an entry of <c>targets</c>.</summary>
    public static IReadOnlyList<string> Target { get; } = ["host", "port", "priority", "weight", "proxy_protocol"];

    /// <summary>Of <c>limits</c>, a rule's or an owner's.</summary>
    public static IReadOnlyList<string> Limits { get; } =
    [
        "bytes_per_second_in", "bytes_per_second_out", "burst_bytes_in", "burst_bytes_out", "new_flows_per_second", "new_flows_burst", "concurrent_flows",
    ];

    /// <summary>Of <c>health_check</c>.</summary>
    public static IReadOnlyList<string> HealthCheck { get; } = ["interval_seconds", "timeout_ms", "rise", "fall", "probe", "send", "expect"];
}

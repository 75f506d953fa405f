namespace Portunus.Shared.Rules;

/// <summary>
/// A rule as it was asked for: in a form, in JSON or in a rule file, field by field, with nothing parsed and no default
/// applied. <see cref="RuleCheck"/> is the only way from here to a <see cref="CheckedRule"/>.
/// JSON and TOML spell these names in snake_case.
/// </summary>
public sealed record RuleSpec
{
    /// <summary>1–64 characters. Required in a rule file.</summary>
    public string? Name { get; init; }

    /// <summary><c>tcp</c> (default) or <c>udp</c>.</summary>
    public string? Protocol { get; init; }

    /// <summary>IPv4 or IPv6 literal; absent means all addresses, dual-stack; <c>::</c> means IPv6 only.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>1–65535. Exactly one of this and <see cref="ListenPorts"/>.</summary>
    public long? ListenPort { get; init; }

    /// <summary><c>"lo-hi"</c> (at most 1,024 ports) or one port as text.</summary>
    public string? ListenPorts { get; init; }

    /// <summary><c>host:port</c>, <c>[v6]:port</c>, or <c>host:lo-hi</c> for a range. Exactly one of this and <see cref="Targets"/>.</summary>
    public string? Target { get; init; }

    /// <summary>One to eight targets.</summary>
    public IReadOnlyList<TargetSpec>? Targets { get; init; }

    /// <summary><c>first</c> (default), <c>round_robin</c>, <c>least_flows</c>, <c>random</c> or <c>source_hash</c>.</summary>
    public string? Balance { get; init; }

    /// <summary>AAAA before A for named hosts. Default false.</summary>
    public bool? PreferIpv6 { get; init; }

    /// <summary>Exact names, or <c>*.suffix</c>; TCP and one port only.</summary>
    public IReadOnlyList<string>? Sni { get; init; }

    /// <summary>True: takes TLS without a matching name on a port in SNI mode.</summary>
    public bool? SniFallback { get; init; }

    /// <summary>CIDR prefixes of the connecting side; present means everyone else is refused.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>CIDR prefixes refused; wins over <see cref="Allow"/>.</summary>
    public IReadOnlyList<string>? Deny { get; init; }

    /// <summary>Active probe; absent means passive health only.</summary>
    public HealthCheckSpec? HealthCheck { get; init; }

    /// <summary>Rates and counts this rule may use; absent means none.</summary>
    public LimitSpec? Limits { get; init; }

    /// <summary>5–3600 seconds. Default 60.</summary>
    public long? UdpIdleSeconds { get; init; }

    /// <summary>1–65535 over all ports of the rule. Default 4096.</summary>
    public long? UdpMaxFlows { get; init; }

    /// <summary>100–60000 ms per connect attempt. Default 3000.</summary>
    public long? ConnectTimeoutMs { get; init; }

    /// <summary>0 (never, the default) to 86400: ends a TCP flow silent both ways.</summary>
    public long? IdleSeconds { get; init; }

    /// <summary>The connecting side sends a PROXY header. Default false.</summary>
    public bool? AcceptProxyProtocol { get; init; }

    /// <summary>Prefixes that may send one; required and not empty with <see cref="AcceptProxyProtocol"/>.</summary>
    public IReadOnlyList<string>? ProxyProtocolFrom { get; init; }

    /// <summary>False: kept, not listening. Default true.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Instant after which it stops listening and its flows are cut. Not in a rule file.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Up to 500 characters.</summary>
    public string? Note { get; init; }
}

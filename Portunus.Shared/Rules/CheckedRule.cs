using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>
/// A rule that has passed <see cref="RuleCheck"/>: every value parsed, every default applied, immutable. Edges compile
/// it, the control plane stores what it came from.
/// </summary>
public sealed record CheckedRule
{
    /// <summary>1–64 characters, or empty where the control plane allows a rule without a name.</summary>
    public required string Name { get; init; }

    public required TransportProtocol Protocol { get; init; }

    /// <summary>Null: all addresses, dual-stack. <see cref="IPAddress.IPv6Any"/>: IPv6 only.</summary>
    public required IPAddress? ListenAddress { get; init; }

    public required PortRange ListenPorts { get; init; }

    /// <summary>One to eight, in the order asked.</summary>
    public required IReadOnlyList<CheckedTarget> Targets { get; init; }

    public required BalancePolicy Balance { get; init; }

    public required bool PreferIpv6 { get; init; }

    /// <summary>Empty: the rule takes whatever connects to its port.</summary>
    public required IReadOnlyList<HostPattern> Sni { get; init; }

    public required bool SniFallback { get; init; }

    /// <summary>Null: everybody not denied is allowed.</summary>
    public required CidrSet? Allow { get; init; }

    /// <summary>Null: nobody is denied.</summary>
    public required CidrSet? Deny { get; init; }

    /// <summary>Null: passive health only.</summary>
    public required HealthCheckSpec? HealthCheck { get; init; }

    public required LimitSpec Limits { get; init; }

    public required TimeSpan UdpIdle { get; init; }

    public required int UdpMaxFlows { get; init; }

    /// <summary>Per connect attempt.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>Zero: never.</summary>
    public required TimeSpan Idle { get; init; }

    public required bool AcceptProxyProtocol { get; init; }

    public required CidrSet? ProxyProtocolFrom { get; init; }

    public required bool Enabled { get; init; }

    public required DateTimeOffset? ExpiresAt { get; init; }

    public required string Note { get; init; }
}

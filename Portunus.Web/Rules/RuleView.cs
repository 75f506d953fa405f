using System.ComponentModel.DataAnnotations;
using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Rules;

/// <summary>The fields that a request may give for a rule; reading them is RuleJsonReader's work, this is their shape.</summary>
internal record RuleFields
{
    /// <summary>1–64 characters, unique for an owner on an edge.</summary>
    [Bounds(1, RuleCheck.MaxNameLength)]
    public string? Name { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    [Words("tcp", "udp")]
    public string? Protocol { get; init; }

    /// <summary>IPv4 or IPv6 literal; absent is all addresses.</summary>
    public string? ListenAddress { get; init; }

    /// <summary>1–65535.</summary>
    [Bounds(1, 65535)]
    public long? ListenPort { get; init; }

    /// <summary><c>first-last</c>, at most 1,024 ports.</summary>
    public string? ListenPorts { get; init; }

    /// <summary><c>host:port</c>, or <c>host:first-last</c> for a range.</summary>
    public string? Target { get; init; }

    /// <summary>One to eight targets.</summary>
    [Bounds(1, 8)]
    public IReadOnlyList<TargetSpec>? Targets { get; init; }

    /// <summary>How healthy targets of the best priority share.</summary>
    [Words("first", "round_robin", "least_flows", "random", "source_hash")]
    public string? Balance { get; init; }

    /// <summary>AAAA before A for named hosts.</summary>
    public bool? PreferIpv6 { get; init; }

    /// <summary>Server names this rule takes.</summary>
    public IReadOnlyList<string>? Sni { get; init; }

    /// <summary>Takes TLS without a matching name.</summary>
    public bool? SniFallback { get; init; }

    /// <summary>Prefixes that may connect; present means nobody else.</summary>
    public IReadOnlyList<string>? Allow { get; init; }

    /// <summary>Prefixes that may not; wins over allow.</summary>
    public IReadOnlyList<string>? Deny { get; init; }

    /// <summary>Active probe.</summary>
    public HealthCheckSpec? HealthCheck { get; init; }

    /// <summary>Rates and counts.</summary>
    public LimitSpec? Limits { get; init; }

    /// <summary>5–3600.</summary>
    [Bounds(5, 3600)]
    public long? UdpIdleSeconds { get; init; }

    /// <summary>1–65535.</summary>
    [Bounds(1, 65535)]
    public long? UdpMaxFlows { get; init; }

    /// <summary>100–60000.</summary>
    [Bounds(100, 60000)]
    public long? ConnectTimeoutMs { get; init; }

    /// <summary>0–86400; 0 is never.</summary>
    [Bounds(0, 86400)]
    public long? IdleSeconds { get; init; }

    /// <summary>The connecting side sends a PROXY header.</summary>
    public bool? AcceptProxyProtocol { get; init; }

    /// <summary>Prefixes that may send one.</summary>
    public IReadOnlyList<string>? ProxyProtocolFrom { get; init; }

    /// <summary>False: kept, not listening.</summary>
    public bool? Enabled { get; init; }

    /// <summary>When it stops listening and its flows are cut.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Up to 500 characters.</summary>
    [Bounds(0, RuleCheck.MaxNoteLength)]
    public string? Note { get; init; }

    /// <summary>Copies what was asked.</summary>
    protected static T Fill<T>(T fields, RuleSpec spec)
        where T : RuleFields => (T)(fields with
        {
            Name = spec.Name,
            Protocol = spec.Protocol,
            ListenAddress = spec.ListenAddress,
            ListenPort = spec.ListenPort,
            ListenPorts = spec.ListenPorts,
            Target = spec.Target,
            Targets = spec.Targets,
            Balance = spec.Balance,
            PreferIpv6 = spec.PreferIpv6,
            Sni = spec.Sni,
            SniFallback = spec.SniFallback,
            Allow = spec.Allow,
            Deny = spec.Deny,
            HealthCheck = spec.HealthCheck,
            Limits = spec.Limits,
            UdpIdleSeconds = spec.UdpIdleSeconds,
            UdpMaxFlows = spec.UdpMaxFlows,
            ConnectTimeoutMs = spec.ConnectTimeoutMs,
            IdleSeconds = spec.IdleSeconds,
            AcceptProxyProtocol = spec.AcceptProxyProtocol,
            ProxyProtocolFrom = spec.ProxyProtocolFrom,
            Enabled = spec.Enabled,
            ExpiresAt = spec.ExpiresAt,
            Note = spec.Note,
        });
}

/// <summary>A rule as it is asked for.</summary>
internal sealed record RuleRequest : RuleFields
{
    /// <summary>Id of the edge; it cannot change.</summary>
    [Required]
    public string? Edge { get; init; }

    /// <summary>Id of the owner; absent for whoever asks. Only a superadmin may name another.</summary>
    public string? Owner { get; init; }
}

/// <summary>A rule as it is told.</summary>
internal sealed record RuleView : RuleFields, IRevised
{
    public required string Id { get; init; }

    public required string Edge { get; init; }

    public required string EdgeName { get; init; }

    public required string Owner { get; init; }

    public required string OwnerName { get; init; }

    public required long Revision { get; init; }

    public required RuleStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>A row that an older version wrote and this one cannot read shows no fields, but can be deleted.</summary>
    public static RuleView Of(Rule row, string edgeName, string ownerName, RuleStatus status)
    {
        var view = new RuleView
        {
            Id = row.Id.ToString(),
            Edge = row.EdgeId.ToString(),
            EdgeName = edgeName,
            Owner = row.OwnerId.ToString(),
            OwnerName = ownerName,
            Revision = row.Revision,
            Status = status,
            CreatedAt = row.CreatedAt,
            ChangedAt = row.ChangedAt,
        };
        return RuleRows.Spec(row) is { } spec ? Fill(view, spec) : view;
    }
}

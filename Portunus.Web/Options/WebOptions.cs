using System.Net;

namespace Portunus.Web.Options;

/// <summary>What the control plane is told at its start. Flags win over the environment, that over server.toml, that over these defaults.</summary>
internal sealed record WebOptions
{
    /// <summary>Where everything is kept. Default: <c>$STATE_DIRECTORY</c>, else <c>portunus-web</c> in the XDG state directory.</summary>
    public required string DataDir { get; init; }

    /// <summary>Admin interface and API. Default 127.0.0.1:7080.</summary>
    public IPEndPoint AdminListen { get; init; } = new(IPAddress.Loopback, 7080);

    /// <summary>How browsers reach the admin interface, where that is not by its own address: scheme, host and port. Default none.</summary>
    public Uri? AdminPublicOrigin { get; init; }

    /// <summary>PEM file with the certificate chain of the admin listener; without it the listener speaks plain HTTP.</summary>
    public string? AdminTlsCert { get; init; }

    /// <summary>PEM file with its key, readable by nobody else.</summary>
    public string? AdminTlsKey { get; init; }

    /// <summary>Where edges connect. Default 0.0.0.0:7443.</summary>
    public IPEndPoint LinkListen { get; init; } = new(IPAddress.Any, 7443);

    /// <summary>Metrics; loopback only. Default 127.0.0.1:7081.</summary>
    public IPEndPoint MetricsListen { get; init; } = new(IPAddress.Loopback, 7081);

    /// <summary>Host and port that edges are told to connect to. Default: decided when an edge is enrolled.</summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary>Peers whose X-Forwarded-For and X-Forwarded-Proto are believed. Default nobody.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Default info.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Default text.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    /// <summary>Days that audit entries are kept, 0 for ever, at most 36500. Default 365.</summary>
    public int AuditRetentionDays { get; init; } = 365;

    /// <summary>Whether browsers come by https: to the listener itself, or to a proxy before it.</summary>
    public bool IsHttps => AdminTlsCert is not null || AdminPublicOrigin?.Scheme == Uri.UriSchemeHttps;
}

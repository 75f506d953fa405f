using System.Net;
using Portunus.Web.Audit;

namespace Portunus.Web.Shell;

/// <summary>What this room is told at the start.</summary>
internal sealed record ShellOptions
{
    /// <summary>Browsers come by https.</summary>
    public bool IsHttps { get; init; }

    /// <summary>How browsers reach the admin interface where that is not by its own address: scheme, host and port.</summary>
    public Uri? PublicOrigin { get; init; }

    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Requests a second that one address may make for long, and how many at once after a quiet time.</summary>
    public (int PerSecond, int AtOnce) Rate { get; init; } = (500, 2000);

    /// <summary>The same for signing in and the first run, where each try is checked at some cost and leaves an entry in the audit log.</summary>
    public (int PerSecond, int AtOnce) TryRate { get; init; } = (10, 100);

    /// <summary>Bytes of a body at most.</summary>
    public int MaxBodyBytes { get; init; } = 1024 * 1024;

    public bool IsTrustedProxy(IPAddress? address) =>
        address is not null && ActorSource.Plain(address) is var plain && TrustedProxies.Any(network => network.Contains(plain));
}

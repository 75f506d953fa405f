using System.Net;

namespace Portunus.Edge.Targets;

/// <summary>Where names are asked: the system's own settings, unless told otherwise.</summary>
internal sealed class ResolverOptions
{
    /// <summary>resolv.conf(5). Read again when it changes.</summary>
    public string ResolvConfPath { get; init; } = "/etc/resolv.conf";

    /// <summary>hosts(5). Read again when it changes.</summary>
    public string HostsPath { get; init; } = "/etc/hosts";

    /// <summary>Servers with their ports, instead of those of <see cref="ResolvConfPath"/>; empty leaves them.</summary>
    public IReadOnlyList<IPEndPoint> NameServers { get; init; } = [];
}

namespace Portunus.Load.Peers;

/// <summary>Who is measured. A product with two configurations is there twice; the verdicts take the better of the two.</summary>
internal static class PeerList
{
    public const int BulkTarget = 7001;
    public const int HttpTarget = 7002;
    public const int IdleTarget = 7003;
    public const int SinkTarget = 7101;
    public const int EchoTarget = 7102;

    /// <summary>Ports of the start measurement's rules begin here; all fixed ports lie below <see cref="FirstEphemeralPort"/>.</summary>
    public const int ManyRulesPort = 8001;

    /// <summary>The namespace's ephemeral ports begin here, so that no outgoing connection takes a peer's port.</summary>
    public const int FirstEphemeralPort = 10000;

    public const string Edge = "edge";
    public const string Redirect = "redirect";
    public const string HaproxyDefault = "haproxy";
    public const string HaproxyLarge = "haproxy-1m";
    public const string NginxSmall = "nginx-16k";
    public const string NginxLarge = "nginx-256k";
    public const string Direct = "direct";
    public const string NginxUdp = "nginx-udp";
    public const string NginxUdpLarge = "nginx-udp-4m";

    public static IReadOnlyList<PeerSpec> All { get; } =
    [
        new(Direct, BulkTarget, null),
        new(Redirect, 7011, null),
        new(Edge, 7021, "edge.toml"),
        new(HaproxyDefault, 7031, "haproxy-default-pipes.cfg"),
        new(HaproxyLarge, 7041, "haproxy-1m-pipes.cfg"),
        new(NginxSmall, 7051, "nginx-stream-16k.conf"),
        new(NginxLarge, 7061, "nginx-stream-256k.conf"),
    ];

    /// <summary>Who is measured with datagrams.</summary>
    public static IReadOnlyList<PeerSpec> Udp { get; } =
    [
        new(Direct, SinkTarget, null) { IsUdp = true },
        new(Edge, 7121, "edge-udp.toml") { IsUdp = true },
        new(NginxUdp, 7131, "nginx-udp.conf") { IsUdp = true },
        new(NginxUdpLarge, 7141, "nginx-udp-4m.conf") { IsUdp = true },
    ];

    /// <summary>Every name once.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Concat(Udp).Select(peer => peer.Name).Distinct()];

    /// <summary>The order of one round: each round begins with the next peer, so that drift of the machine meets all alike.</summary>
    public static IEnumerable<T> Rotated<T>(IReadOnlyList<T> peers, int round)
    {
        for (var index = 0; index < peers.Count; index++)
        {
            yield return peers[(index + round) % peers.Count];
        }
    }
}

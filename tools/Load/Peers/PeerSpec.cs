namespace Portunus.Load.Peers;

/// <summary>One way to get bytes from here to there, and on which ports of the namespace it listens.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="FirstPort">Bulk; the HTTP, idle and capped ports follow.</param>
/// <param name="Config">The configuration it runs with; null for what needs no process.</param>
internal sealed record PeerSpec(string Name, int FirstPort, string? Config)
{
    public int BulkPort => FirstPort;

    public int HttpPort => FirstPort + 1;

    /// <summary>Of the UDP peers, beside the bulk port: what arrives there comes back.</summary>
    public int EchoPort => FirstPort + 1;

    public int IdlePort => FirstPort + 2;

    public int CappedPort => FirstPort + 3;

    /// <summary>Forwards datagrams and no connections.</summary>
    public bool IsUdp { get; init; }

    /// <summary>A process forwards: it has CPU time and memory of its own.</summary>
    public bool IsForwarder => Config is not null;
}

namespace Portunus.Shared.Link;

/// <summary>Where the link is served, and what a request to it carries.</summary>
public static class LinkRoutes
{
    /// <summary>The hub, by WebSocket and without negotiation. 401: credential not known (retried); 409: another instance holds the link (retried); 410: revoked.</summary>
    public const string Hub = "/link";

    /// <summary>POST a code, get a credential.</summary>
    public const string Enroll = "/link/enroll";

    /// <summary>One process of an edge: a random id of its run, so that a reconnect is told from a second machine with the same credential.</summary>
    public const string InstanceHeader = "X-Portunus-Instance";

    /// <summary>The most a message of an edge may have, in bytes; the other way there is no bound, a plan goes whole.</summary>
    public const int MaxMessageBytes = 256 * 1024;

    /// <summary>Each side says something at least so often.</summary>
    public static TimeSpan KeepAlive { get; } = TimeSpan.FromSeconds(5);

    /// <summary>A side that said nothing for so long is gone.</summary>
    public static TimeSpan Silence { get; } = TimeSpan.FromSeconds(15);
}

using System.Net;

namespace Portunus.Web.Audit;

/// <summary>
/// The actor of a request. Authentication makes it afresh for each request, from the store, and leaves it here; nothing
/// downstream asks headers or cookies again.
/// </summary>
internal static class ActorSource
{
    public static Actor Actor(this HttpContext http) =>
        http.Features.Get<Actor>() ?? Audit.Actor.Nobody(RemoteAddress(http), http.TraceIdentifier);

    /// <summary>Address of whoever is behind the request, after trusted proxies have been taken off; IPv4 in its own form.</summary>
    public static string RemoteAddress(HttpContext http) => http.Connection.RemoteIpAddress is { } address ? Plain(address).ToString() : "";

    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

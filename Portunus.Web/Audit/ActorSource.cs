using System.Net;
using System.Net.Sockets;

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

    /// <summary>
    /// What tries and requests are counted by: the address, and of IPv6 the first 64 bits of it, because whoever has one address there
    /// has all of them.
    /// </summary>
    /// <param name="address">As <see cref="RemoteAddress"/> answers it.</param>
    public static string NetworkOf(string address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. parsed.GetAddressBytes().AsSpan(0, 8), .. new byte[8]]) + "/64"
            : address;

    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}

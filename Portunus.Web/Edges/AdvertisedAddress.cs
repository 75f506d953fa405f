using System.Globalization;
using Portunus.Shared.Rules;

namespace Portunus.Web.Edges;

/// <summary>Who said where edges connect.</summary>
internal enum AddressSource
{
    /// <summary>Nobody has said anything.</summary>
    None,

    /// <summary>server.toml, the environment or a flag.</summary>
    Options,

    /// <summary>Set while the program ran.</summary>
    Setting,

    /// <summary>The request itself: the host that it was sent to, with the port of the link.</summary>
    Request,
}

/// <summary>Where an edge is told to connect.</summary>
/// <param name="Host">Name or address literal, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Source">Who said so.</param>
internal sealed record AdvertisedAddress(string Host, int Port, AddressSource Source)
{
    /// <summary>As it is written; an IPv6 literal in brackets.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>The first that says something: the setting, the options, the host of the request. Null where none does.</summary>
    /// <param name="setting"><c>host:port</c>, or null.</param>
    /// <param name="option"><c>host:port</c>, or null.</param>
    /// <param name="requestHost">As the caller spelled it, without a port; null where nothing was requested over the network.</param>
    /// <param name="linkPort">Goes with the request's host.</param>
    public static AdvertisedAddress? Choose(string? setting, string? option, string? requestHost, int linkPort) =>
        Read(setting, AddressSource.Setting) ?? Read(option, AddressSource.Options) ?? OfRequest(requestHost, linkPort);

    /// <summary>Reads <c>host:port</c>; null for anything else.</summary>
    public static AdvertisedAddress? Read(string? text, AddressSource source)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        if (text is null || colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
        {
            return null;
        }

        return Plain(text[..colon]) is { } host ? new AdvertisedAddress(host, port, source) : null;
    }

    private static AdvertisedAddress? OfRequest(string? host, int port) =>
        host is not null && Plain(host) is { } plain && port > 0 ? new AdvertisedAddress(plain, port, AddressSource.Request) : null;

    private static string? Plain(string text)
    {
        if (HostName.TryParseLiteral(text, out var literal))
        {
            return literal.ToString();
        }

        return HostName.TryParseName(text, out var name, out _, out _) ? name : null;
    }
}

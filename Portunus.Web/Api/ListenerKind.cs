namespace Portunus.Web.Api;

/// <summary>Which listener a connection came in by.</summary>
internal enum ListenerKind
{
    /// <summary>Admin interface and API.</summary>
    Admin,

    /// <summary>Edges.</summary>
    Link,

    /// <summary>Metrics, on loopback.</summary>
    Metrics,

    /// <summary>The socket in the data directory, for command lines on this machine.</summary>
    Control,

    /// <summary>None at all: of a route that comes along with another and is offered to nobody.</summary>
    None,
}

/// <summary>
/// Marks a connection with its listener, when it is accepted. Routes are told apart by this and never by the Host header, which is
/// whatever the caller writes.
/// </summary>
internal sealed record ListenerMark(ListenerKind Kind)
{
    public static ListenerKind Of(HttpContext http) => http.Features.Get<ListenerMark>()?.Kind ?? ListenerKind.Admin;
}

/// <summary>Marks a route as served on one listener only; without it a route is the admin listener's.</summary>
internal sealed record ServedOn(ListenerKind Kind);

/// <summary>Marks a route of the admin listener that is served on another one as well.</summary>
internal sealed record AlsoServedOn(ListenerKind Kind);

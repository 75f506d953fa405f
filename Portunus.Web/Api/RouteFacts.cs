using Microsoft.AspNetCore.Http.Metadata;

namespace Portunus.Web.Api;

/// <summary>Who may call a route, as far as that does not hang on the row.</summary>
internal enum RouteAccess
{
    /// <summary>Nobody needs to be signed in.</summary>
    Anyone,

    /// <summary>Any account.</summary>
    SignedIn,

    /// <summary>Superadmins and auditors.</summary>
    Overseers,

    /// <summary>Superadmins.</summary>
    Superadmin,
}

/// <summary>
/// What a route promises beyond its shape. The OpenAPI document tells it, and the tests walk through the refusals of every route
/// by it; the Writers and Readers enforce it, not this.
/// </summary>
/// <param name="Access">Who may call it.</param>
/// <param name="Scope">The scope a token needs: <c>read</c> or <c>write</c>; empty where tokens are not taken.</param>
/// <param name="Codes">Stable codes of its refusals, beside those that every route has.</param>
internal sealed record RouteFacts(RouteAccess Access, string Scope, IReadOnlyList<string> Codes);

/// <summary>Whoever need not be signed in may not make the program hold large bodies either.</summary>
internal sealed class StrangersBody : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => 16 * 1024;
}

/// <summary>Describing a route where it is mapped.</summary>
internal static class RouteDescription
{
    /// <summary>Names it, says what it does, who may call it and how it may refuse.</summary>
    public static RouteHandlerBuilder Describe(
        this RouteHandlerBuilder route, string name, string summary, RouteAccess access, string scope, params string[] codes)
    {
        route.WithName(name).WithSummary(summary).WithMetadata(new RouteFacts(access, scope, codes));
        return access == RouteAccess.Anyone ? route.AllowAnonymous().WithMetadata(new StrangersBody()) : route;
    }
}

using Microsoft.AspNetCore.Authorization;
using Portunus.Web.Accounts;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Shell;

/// <summary>
/// What stands between a known caller and a route: the right listener, no forged request, no owed password. After routing and
/// authentication, before authorization.
/// </summary>
internal sealed class RequestGate(RequestDelegate next, ShellOptions options)
{
    public const string CsrfHeader = "X-Portunus-CSRF";

    private static readonly Problem s_noRoute = new("route_not_found", "", "There is nothing at this path.", ProblemKind.NotFound);

    private static readonly Problem s_noHeader = Problem.Forbidden("csrf_header_required", $"A change by cookie needs the header {CsrfHeader}: 1.");

    private static readonly Problem s_otherOrigin = Problem.Forbidden("csrf_origin_mismatch", "The request comes from another site.");

    private static readonly Problem s_owesPassword = Problem.Forbidden("password_change_required", "This account must choose a new password first.");

    public Task InvokeAsync(HttpContext http)
    {
        // Beside their own routes the listeners of edges and metrics serve nothing, not even the ways in which others are refused.
        if (ListenerMark.Of(http) is ListenerKind.Link or ListenerKind.Metrics && !IsServedHere(http))
        {
            return ApiProblems.WriteAsync(http, s_noRoute);
        }

        // Routing's own answers, wrong method and wrong kind of body, are no routes and have nobody to be signed in for.
        if (http.GetEndpoint() is { RequestDelegate: { } answer } and not RouteEndpoint)
        {
            return answer(http);
        }

        return Refusal(http) is { } problem ? ApiProblems.WriteAsync(http, problem) : next(http);
    }

    private Problem? Refusal(HttpContext http)
    {
        var endpoint = http.GetEndpoint();
        if (endpoint is not null && !IsServedHere(http))
        {
            return s_noRoute;
        }

        var actor = http.Actor();
        var isAnonymous = endpoint?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (!IsReading(http.Request.Method) && (actor.Via == "cookie" || isAnonymous))
        {
            // Signing in has no cookie yet, but a foreign page must not sign a browser in as somebody else either.
            if (!IsSameOrigin(http.Request))
            {
                return s_otherOrigin;
            }

            if (!isAnonymous && http.Request.Headers[CsrfHeader] != "1")
            {
                return s_noHeader;
            }
        }

        return actor.MustChangePassword && !isAnonymous && endpoint?.Metadata.GetMetadata<OwesPassword>() is null ? s_owesPassword : null;
    }

    /// <summary>Browsers say where a changing request comes from; whoever says nothing is no browser, and the header is asked for all the same.</summary>
    private bool IsSameOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
        {
            return request.Headers["Sec-Fetch-Site"].ToString() is "" or "same-origin" or "none";
        }

        if (options.PublicOrigin is { } site && origin.Equals(site.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        return origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the route, if there is one, is of the listener that the request came in by.</summary>
    private static bool IsServedHere(HttpContext http)
    {
        var (endpoint, here) = (http.GetEndpoint() as RouteEndpoint, ListenerMark.Of(http));
        return endpoint is not null
            && ((endpoint.Metadata.GetMetadata<ServedOn>()?.Kind ?? ListenerKind.Admin) == here || endpoint.Metadata.GetMetadata<AlsoServedOn>()?.Kind == here);
    }

    private static bool IsReading(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);
}

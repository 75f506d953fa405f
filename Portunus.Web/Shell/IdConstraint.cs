namespace Portunus.Web.Shell;

/// <summary>A segment that is an id in its one spelling; anything else is a path that leads nowhere, not a bad request.</summary>
internal sealed class IdConstraint : IRouteConstraint
{
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string text && Shared.Ids.EdgeId.TryParse(text, out _);
}

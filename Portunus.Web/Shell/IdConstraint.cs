using Microsoft.AspNetCore.Routing.Matching;

namespace Portunus.Web.Shell;

/// <summary>
/// A segment that is an id in its one spelling; anything else is a path that leads nowhere, not a bad request. The router asks it about
/// the fixed segments of other routes as well, so that what only they take is refused with their methods.
/// </summary>
internal sealed class IdConstraint : IRouteConstraint, IParameterLiteralNodeMatchingPolicy
{
    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        values[routeKey] is string text && MatchesLiteral(routeKey, text);

    public bool MatchesLiteral(string parameterName, string literal) => Shared.Ids.EdgeId.TryParse(literal, out _);
}

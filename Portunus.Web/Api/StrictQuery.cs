using System.Reflection;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>
/// Marks routes whose queries and preconditions are read as strictly as bodies: a parameter that the route does not take, one given
/// twice, and an If-Match where there is no revision to compare are refused. Ignoring them would do something else than was asked for.
/// </summary>
internal sealed class StrictQuery
{
    /// <summary>How a request may be refused by it on every route.</summary>
    public static IReadOnlyList<string> Codes { get; } = ["unknown_parameter", "duplicate_parameter"];

    /// <summary>Where a route takes no revision, this one as well.</summary>
    public const string NotTaken = "revision_not_taken";

    /// <summary>Whether a route with these facts compares revisions.</summary>
    public static bool TakesRevision(RouteFacts facts) => facts.Codes.Contains("revision_stale");

    internal static Problem? Refusal(HttpContext http, IReadOnlyCollection<string> known)
    {
        foreach (var (name, values) in http.Request.Query)
        {
            if (!known.Contains(name))
            {
                return new Problem("unknown_parameter", name, $"{name} is not a parameter of this route.", ProblemKind.Malformed);
            }

            if (values.Count > 1)
            {
                return new Problem("duplicate_parameter", name, $"{name} is given {values.Count} times.", ProblemKind.Malformed);
            }
        }

        return http.Request.Headers.IfMatch.ToString() is not ("" or "*") && http.GetEndpoint()?.Metadata.GetMetadata<RouteFacts>() is { } facts && !TakesRevision(facts)
            ? new Problem(NotTaken, "", "There is no revision here for If-Match to be compared with.", ProblemKind.Malformed)
            : null;
    }
}

/// <summary>Asking for strict queries where routes are mapped.</summary>
internal static class StrictQueryRoutes
{
    /// <summary>Holds for every route of the group; what each takes is what its handler asks for.</summary>
    public static RouteGroupBuilder WithStrictQuery(this RouteGroupBuilder group) => group
        .AddEndpointFilterFactory((made, next) =>
        {
            var known = made.MethodInfo.GetParameters().Where(IsQuery).Select(parameter => parameter.Name ?? "").ToHashSet(StringComparer.Ordinal);
            return call => StrictQuery.Refusal(call.HttpContext, known) is { } problem ? ValueTask.FromResult<object?>(ApiProblems.Of(problem)) : next(call);
        })
        .WithMetadata(new StrictQuery());

    private static bool IsQuery(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return type == typeof(string) || type.IsPrimitive || type.IsEnum;
    }
}

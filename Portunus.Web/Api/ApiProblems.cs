using System.Globalization;
using System.Text.Json.Serialization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>One entry of <c>errors</c>.</summary>
/// <param name="Field">Path of the field, as JSON spells it; empty where it is about the whole.</param>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record ApiError(string Field, string Code, string Message);

/// <summary>What every refusal looks like (RFC 9457), with a stable code and every single error.</summary>
/// <param name="Title">What the status means.</param>
/// <param name="Status">The HTTP status again.</param>
/// <param name="Detail">One sentence for people.</param>
/// <param name="Code">Stable, for programs; <c>validation_failed</c> where several fields may be wrong.</param>
/// <param name="RequestId">By which the log and the audit log know this request.</param>
/// <param name="Errors">All of them.</param>
internal sealed record ApiProblem(string Title, int Status, string Detail, string Code, string RequestId, IReadOnlyList<ApiError> Errors)
{
    /// <summary>No page describes a single problem; its code does.</summary>
    [JsonPropertyOrder(-1)]
    public string Type { get; } = "about:blank";
}

/// <summary>The only place where an outcome becomes a status.</summary>
internal static class ApiProblems
{
    public const string ContentType = "application/problem+json";

    /// <summary>Which kind decides where several are mixed: what hides most comes first.</summary>
    private static readonly ProblemKind[] s_order =
    [
        ProblemKind.Fault, ProblemKind.TooMany, ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Gone, ProblemKind.NotFound, ProblemKind.Unavailable,
        ProblemKind.Method, ProblemKind.TooLarge, ProblemKind.MediaType, ProblemKind.Malformed, ProblemKind.Stale,
        ProblemKind.Invalid, ProblemKind.Conflict,
    ];

    public static IResult Of(IReadOnlyList<Problem> problems) => new ProblemResult(problems);

    public static IResult Of(Problem problem) => new ProblemResult([problem]);

    /// <summary>Writes a refusal where no handler has answered: authentication, limits, faults.</summary>
    public static Task WriteAsync(HttpContext context, Problem problem) => Of(problem).ExecuteAsync(context);

    public static int StatusOf(ProblemKind kind) => kind switch
    {
        ProblemKind.Invalid => StatusCodes.Status422UnprocessableEntity,
        ProblemKind.NotFound => StatusCodes.Status404NotFound,
        ProblemKind.Forbidden => StatusCodes.Status403Forbidden,
        ProblemKind.Gone => StatusCodes.Status410Gone,
        ProblemKind.Conflict => StatusCodes.Status409Conflict,
        ProblemKind.Stale => StatusCodes.Status412PreconditionFailed,
        ProblemKind.Unauthenticated => StatusCodes.Status401Unauthorized,
        ProblemKind.TooMany => StatusCodes.Status429TooManyRequests,
        ProblemKind.Malformed => StatusCodes.Status400BadRequest,
        ProblemKind.MediaType => StatusCodes.Status415UnsupportedMediaType,
        ProblemKind.Method => StatusCodes.Status405MethodNotAllowed,
        ProblemKind.Fault => StatusCodes.Status500InternalServerError,
        ProblemKind.TooLarge => StatusCodes.Status413PayloadTooLarge,
        _ => StatusCodes.Status503ServiceUnavailable,
    };

    private static string TitleOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be read",
        StatusCodes.Status401Unauthorized => "Nobody is signed in",
        StatusCodes.Status403Forbidden => "This is not allowed",
        StatusCodes.Status404NotFound => "There is no such thing",
        StatusCodes.Status405MethodNotAllowed => "This is not done here",
        StatusCodes.Status409Conflict => "This does not fit the present state",
        StatusCodes.Status410Gone => "This is gone for good",
        StatusCodes.Status412PreconditionFailed => "It has changed meanwhile",
        StatusCodes.Status413PayloadTooLarge => "The request is too large",
        StatusCodes.Status415UnsupportedMediaType => "The body is of another kind",
        StatusCodes.Status422UnprocessableEntity => "Something asked for is out of bounds",
        StatusCodes.Status429TooManyRequests => "Too many requests",
        StatusCodes.Status503ServiceUnavailable => "This cannot be done now",
        _ => "Something went wrong",
    };

    private sealed class ProblemResult(IReadOnlyList<Problem> problems) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var kind = s_order.First(one => problems.Any(problem => problem.Kind == one));
            var first = problems.First(problem => problem.Kind == kind);
            var status = StatusOf(kind);
            var response = httpContext.Response;
            response.StatusCode = status;
            if (first.RetryAfter is { } wait)
            {
                response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }

            if (status == StatusCodes.Status401Unauthorized)
            {
                response.Headers.WWWAuthenticate = "Bearer";
            }

            response.Headers.CacheControl = "no-store";
            var answer = new ApiProblem(
                TitleOf(status),
                status,
                problems.Count == 1 ? first.Text : $"{problems.Count} things are wrong.",
                kind == ProblemKind.Invalid ? "validation_failed" : first.Code,
                httpContext.TraceIdentifier,
                [.. problems.Select(problem => new ApiError(problem.Field, problem.Code, problem.Text))]);
            return response.WriteAsJsonAsync(answer, ApiJson.Options, ContentType, httpContext.RequestAborted);
        }
    }
}

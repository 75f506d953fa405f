using System.Globalization;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Api;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most as many as were asked for.</param>
/// <param name="Next">Where the next page begins, for <c>cursor</c>; null at the end.</param>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>Something with a revision, told to callers as an entity tag.</summary>
internal interface IRevised
{
    long Revision { get; }
}

/// <summary>How outcomes are answered: the value with its status and entity tag, or the problems.</summary>
internal static class ApiAnswers
{
    /// <summary>200 with the value.</summary>
    public static IResult Ok<T>(this Outcome<T> outcome) => outcome.TryGet(out var value) ? new ValueResult<T>(value, StatusCodes.Status200OK, null) : ApiProblems.Of(outcome.Problems);

    /// <summary>201 with the value and where it is.</summary>
    public static IResult Created<T>(this Outcome<T> outcome, Func<T, string> location) =>
        outcome.TryGet(out var value) ? new ValueResult<T>(value, StatusCodes.Status201Created, location(value)) : ApiProblems.Of(outcome.Problems);

    /// <summary>204.</summary>
    public static IResult NoContent<T>(this Outcome<T> outcome) => outcome.IsDone ? Results.NoContent() : ApiProblems.Of(outcome.Problems);

    private sealed class ValueResult<T>(T value, int status, string? location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.Headers.CacheControl = "no-store";
            if (location is not null)
            {
                response.Headers.Location = location;
            }

            if (value is IRevised revised)
            {
                response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{revised.Revision}\"");
            }

            return response.WriteAsJsonAsync(value, ApiJson.Options, httpContext.RequestAborted);
        }
    }
}

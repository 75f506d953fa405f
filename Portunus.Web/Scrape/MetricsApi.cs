using Portunus.Web.Api;
using Portunus.Web.Audit;

namespace Portunus.Web.Scrape;

/// <summary>Metrics on their own listener, which asks for no password and is on loopback, and for overseers beside the rest of the API.</summary>
internal static class MetricsApi
{
    private const string Type = "text/plain; version=0.0.4; charset=utf-8";

    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", AnswerAsync).AllowAnonymous().WithMetadata(new ServedOn(ListenerKind.Metrics)).ExcludeFromDescription();

    public static void MapMetricsOfApi(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/metrics", async (HttpContext http, MetricsReader reader) =>
                http.Actor().NeedsOverseer() is { } refusal ? ApiProblems.Of(refusal) : await AnswerAsync(http, reader))
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .Describe("getMetrics", "What the metrics listener serves: the fleet in the text format of Prometheus.", RouteAccess.Overseers, "read");

    private static async Task<IResult> AnswerAsync(HttpContext http, MetricsReader reader)
    {
        http.Response.Headers.CacheControl = "no-store";
        return Results.Text(await reader.ReadAsync(http.RequestAborted), Type);
    }
}

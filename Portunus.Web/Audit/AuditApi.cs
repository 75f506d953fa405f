using System.Text.Json;
using Portunus.Web.Api;

namespace Portunus.Web.Audit;

/// <summary>Reading the audit log over HTTP. Reading it leaves no entry.</summary>
internal static class AuditApi
{
    public static void MapAudit(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/audit", PageAsync)
            .Produces<Page<AuditEntryView>>()
            .Describe("listAudit", "Entries of the audit log, newest first.", RouteAccess.Overseers, "read",
                "limit_bounds", "cursor_malformed", "outcome_unknown", "instant_malformed", "time_order");
        v1.MapGet("/audit/export", Export)
            .Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson")
            .Describe("exportAudit", "All matching entries, newest first, one JSON object a line.", RouteAccess.Overseers, "read",
                "outcome_unknown", "instant_malformed", "time_order");
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, AuditReader reader, string? actor, string? action, string? subject, string? outcome, string? since, string? until,
        string? request_id, string? limit, string? cursor)
    {
        var filter = AuditFilter.Read(actor, action, subject, outcome, since, until, request_id);
        var asked = PageAsked.Read(limit, cursor);
        if (!filter.TryGet(out var wanted) || !asked.TryGet(out var page))
        {
            return ApiProblems.Of([.. filter.Problems, .. asked.Problems]);
        }

        return (await reader.PageAsync(http.Actor(), wanted, page, http.RequestAborted)).Ok();
    }

    private static IResult Export(
        HttpContext http, AuditReader reader, string? actor, string? action, string? subject, string? outcome, string? since, string? until, string? request_id)
    {
        var filter = AuditFilter.Read(actor, action, subject, outcome, since, until, request_id);
        if (!filter.TryGet(out var wanted))
        {
            return ApiProblems.Of(filter.Problems);
        }

        var entries = reader.Export(http.Actor(), wanted, http.RequestAborted);
        return entries.TryGet(out var found) ? new Lines(found) : ApiProblems.Of(entries.Problems);
    }

    private sealed class Lines(IAsyncEnumerable<AuditEntryView> entries) : IResult
    {
        private static readonly byte[] s_end = "\n"u8.ToArray();

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/x-ndjson";
            response.Headers.CacheControl = "no-store";
            response.Headers.ContentDisposition = "attachment; filename=\"portunus-audit.ndjson\"";
            try
            {
                await foreach (var entry in entries)
                {
                    await JsonSerializer.SerializeAsync(response.Body, entry, ApiJson.Options, httpContext.RequestAborted);
                    await response.Body.WriteAsync(s_end, httpContext.RequestAborted);
                }
            }
            catch (ReadingEnded)
            {
                // A clean end would look like a whole log.
                httpContext.Abort();
            }
        }
    }
}

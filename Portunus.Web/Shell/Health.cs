using Microsoft.EntityFrameworkCore;
using Portunus.Web.Api;
using Portunus.Web.Database;

namespace Portunus.Web.Shell;

/// <summary>How the program is.</summary>
/// <param name="Status"><c>ok</c>, or what is wrong.</param>
/// <param name="Version">Of the program; only where somebody is signed in would more be told.</param>
internal sealed record HealthView(string Status, string Version);

/// <summary>For whoever watches the process: alive, and able to do its work. Served on the admin listener, and on that of metrics, which is nobody's way in.</summary>
internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Json(new HealthView("ok", Options.WebVersion.Text), ApiJson.Options))
            .Produces<HealthView>()
            .Describe("getHealth", "Answers while the process lives.", RouteAccess.Anyone, "").WithMetadata(new AlsoServedOn(ListenerKind.Metrics));
        routes.MapGet("/readyz", ReadyAsync)
            .Produces<HealthView>()
            .Produces<HealthView>(StatusCodes.Status503ServiceUnavailable)
            .Describe("getReadiness", "Answers 200 while the store can be read and the program is not stopping, else 503.", RouteAccess.Anyone, "").WithMetadata(new AlsoServedOn(ListenerKind.Metrics));
    }

    private static async Task<IResult> ReadyAsync(HttpContext http, IDbContextFactory<PortunusDb> factory, IHostApplicationLifetime lifetime)
    {
        var status = lifetime.ApplicationStopping.IsCancellationRequested ? "stopping" : await StoreAsync(factory, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new HealthView(status, Options.WebVersion.Text), ApiJson.Options,
            statusCode: status == "ok" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<string> StoreAsync(IDbContextFactory<PortunusDb> factory, CancellationToken cancel)
    {
        try
        {
            await using var db = await factory.CreateDbContextAsync(cancel);
            return await db.Settings.AnyAsync(cancel) ? "ok" : "store_empty";
        }
        catch (Exception broken) when (broken is Microsoft.Data.Sqlite.SqliteException or InvalidOperationException)
        {
            return "store_failed";
        }
    }
}

using Portunus.Web.Api;
using Portunus.Web.Audit;

namespace Portunus.Web.Settings;

/// <summary>Settings over HTTP.</summary>
internal static class SettingsApi
{
    public static void MapSettings(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/settings", GetAsync).Produces<SettingsView>()
            .Describe("getSettings", "Settings, and what the options say where they are silent.", RouteAccess.Overseers, "read");
        v1.MapPatch("/settings", ChangeAsync).Produces<SettingsView>()
            .Describe("changeSettings", "Changes settings.", RouteAccess.Superadmin, "write", ["advertised_address_malformed", .. IfMatch.Codes]);
    }

    private static async Task<IResult> GetAsync(HttpContext http, SettingsReader reader) => (await reader.GetAsync(http.Actor(), http.Request.Host.Host, http.RequestAborted)).Ok();

    private static async Task<IResult> ChangeAsync(HttpContext http, SettingsWriter writer, PatchBody<SettingsFields> body)
    {
        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.ChangeAsync(http.Actor(), expected, http.Request.Host.Host, body.ApplyTo, http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }
}

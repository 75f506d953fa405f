using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Grants;

/// <summary>Grants over HTTP.</summary>
internal static class GrantApi
{
    private static readonly string[] s_fieldCodes =
    [
        "edge_missing", "edge_malformed", "edge_not_found", "ports_missing", "ports_malformed", "protocols_missing", "protocol_unknown", "note_length", "expires_at_past",
    ];

    public static void MapGrants(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/grants", ListAsync).Produces<Page<GrantView>>()
            .Describe("listGrants", "Grants in the order of their making; tenants see own ones.", RouteAccess.SignedIn, "read", "account_malformed", "edge_malformed", "limit_bounds", "cursor_malformed");
        v1.MapPost("/grants", CreateAsync).Produces<GrantEffect>(StatusCodes.Status201Created)
            .Describe("createGrant", "Lets an account use ports of an edge, or of every edge.", RouteAccess.Superadmin, "write",
                ["account_missing", "account_malformed", "account_not_found", "grant_needs_user", "grant_limit", .. s_fieldCodes]);
        v1.MapGet("/grants/{grant:id}", GetAsync).Produces<GrantView>()
            .Describe("getGrant", "One grant.", RouteAccess.SignedIn, "read", "grant_not_found");
        v1.MapPatch("/grants/{grant:id}", ChangeAsync).Produces<GrantEffect>()
            .Describe("changeGrant", "Changes a grant and tells which rules stop by it; with dry_run only tells.", RouteAccess.Superadmin, "write",
                ["grant_not_found", "account_fixed", "dry_run_unknown", .. s_fieldCodes, .. IfMatch.Codes]);
        v1.MapDelete("/grants/{grant:id}", RevokeAsync).Produces<GrantEffect>()
            .Describe("revokeGrant", "Takes a grant back and tells which rules stop by it; with dry_run only tells.", RouteAccess.Superadmin, "write", ["grant_not_found", "dry_run_unknown", .. IfMatch.Codes]);
    }

    private static async Task<IResult> ListAsync(HttpContext http, GrantReader reader, string? account, string? edge, string? limit, string? cursor)
    {
        var problems = new List<Problem>();
        var ofAccount = IdQuery.Account(account, "account", problems);
        var ofEdge = IdQuery.Edge(edge, "edge", problems);
        var asked = PageAsked.Read(limit, cursor);
        if (!asked.TryGet(out var page) || problems.Count > 0)
        {
            return ApiProblems.Of([.. problems, .. asked.Problems]);
        }

        return (await reader.ListAsync(http.Actor(), ofAccount, ofEdge, page, http.RequestAborted)).Ok();
    }

    private static async Task<IResult> GetAsync(HttpContext http, GrantReader reader, GrantId grant) =>
        (await reader.GetAsync(http.Actor(), grant, http.RequestAborted)).Ok();

    private static async Task<IResult> CreateAsync(HttpContext http, GrantWriter writer, JsonBody<GrantFields> body) => body.Read.TryGet(out var fields)
        ? (await writer.CreateAsync(http.Actor(), fields, http.RequestAborted)).Created(effect => $"/v1/grants/{effect.Grant?.Id}")
        : ApiProblems.Of(body.Read.Problems);

    private static async Task<IResult> ChangeAsync(HttpContext http, GrantWriter writer, GrantId grant, PatchBody<GrantFields> body, string? dry_run)
    {
        var (revision, trial) = (IfMatch.Read(http.Request), QueryFlags.DryRun(dry_run));
        return revision.TryGet(out var expected) && trial.TryGet(out var isTrial)
            ? (await writer.ChangeAsync(http.Actor(), grant, expected, body.ApplyTo, isTrial, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. revision.Problems, .. trial.Problems]);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, GrantWriter writer, GrantId grant, string? dry_run)
    {
        var (revision, trial) = (IfMatch.Read(http.Request), QueryFlags.DryRun(dry_run));
        return revision.TryGet(out var expected) && trial.TryGet(out var isTrial)
            ? (await writer.RevokeAsync(http.Actor(), grant, expected, isTrial, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. revision.Problems, .. trial.Problems]);
    }
}

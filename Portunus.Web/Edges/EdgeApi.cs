using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database.Ids;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Edges;

/// <summary>Edges, their enrolment codes and the limits of owners on them, over HTTP.</summary>
internal static class EdgeApi
{
    private static readonly string[] s_fieldCodes = ["name_missing", "name_length", "name_character", "public_address_malformed", "note_length"];

    public static void MapEdges(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/edges", ListAsync).Produces<Page<EdgeView>>()
            .Describe("listEdges", "Edges in the order of their making; tenants see those that a grant or an own rule speaks of.", RouteAccess.SignedIn, "read", "limit_bounds", "cursor_malformed");
        v1.MapPost("/edges", CreateAsync).Produces<EdgeView>(StatusCodes.Status201Created)
            .Describe("createEdge", "Makes an edge; a machine becomes it by an enrolment code.", RouteAccess.Superadmin, "write", s_fieldCodes);
        v1.MapGet("/edges/{edge:id}", GetAsync).Produces<EdgeView>()
            .Describe("getEdge", "One edge.", RouteAccess.SignedIn, "read", "edge_not_found");
        v1.MapPatch("/edges/{edge:id}", ChangeAsync).Produces<EdgeView>()
            .Describe("changeEdge", "Changes name, public address or note of an edge.", RouteAccess.Superadmin, "write", ["edge_not_found", .. s_fieldCodes, .. IfMatch.Codes]);
        v1.MapDelete("/edges/{edge:id}", DeleteAsync).Produces<EdgeRemoval>()
            .Describe("deleteEdge", "Deletes an edge with its rules, grants and limits, and tells of them; with dry_run only tells.", RouteAccess.Superadmin, "write", ["edge_not_found", "dry_run_unknown", .. IfMatch.Codes]);
        v1.MapPost("/edges/{edge:id}/revoke", RevokeAsync).Produces<EdgeView>()
            .Describe("revokeEdge", "Shuts an edge out: it stops forwarding when it learns of it.", RouteAccess.Superadmin, "write", ["edge_not_found", .. IfMatch.Codes]);
        MapEnrolments(v1);
        MapOwners(v1);
    }

    private static void MapEnrolments(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/edges/{edge:id}/enrolments", ListCodesAsync).Produces<Page<EnrollCodeView>>()
            .Describe("listEnrolments", "Enrolment codes of an edge, newest first, without the codes themselves.", RouteAccess.Overseers, "read", "edge_not_found", "limit_bounds", "cursor_malformed");
        v1.MapPost("/edges/{edge:id}/enrolments", CreateCodeAsync).Produces<NewEnrollCode>(StatusCodes.Status201Created)
            .Describe("createEnrolment", "Makes a code, shown this once, by which one machine becomes this edge.", RouteAccess.Superadmin, "write", "edge_not_found", "out_of_range");
        v1.MapDelete("/edges/{edge:id}/enrolments/{enrolment:id}", CancelCodeAsync).Produces(StatusCodes.Status204NoContent)
            .Describe("cancelEnrolment", "Ends a code that nobody has redeemed.", RouteAccess.Superadmin, "write", "edge_not_found", "enroll_code_not_found", "enroll_code_redeemed");
    }

    private static void MapOwners(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/edges/{edge:id}/owners", ListOwnersAsync).Produces<Page<EdgeOwnerView>>()
            .Describe("listEdgeOwners", "Who owns rules on an edge or has limits there.", RouteAccess.Overseers, "read", "edge_not_found", "limit_bounds", "cursor_malformed");
        v1.MapGet("/edges/{edge:id}/owners/{account:id}/limits", GetLimitsAsync).Produces<OwnerLimitView>()
            .Describe("getOwnerLimits", "Limits of an owner over all own rules on an edge.", RouteAccess.SignedIn, "read", "edge_not_found", "owner_limits_not_found");
        v1.MapPut("/edges/{edge:id}/owners/{account:id}/limits", SetLimitsAsync).Produces<OwnerLimitView>()
            .Describe("setOwnerLimits", "Sets all limits of an owner on an edge; what is left out is not limited.", RouteAccess.Superadmin, "write",
                ["edge_not_found", "account_not_found", "limits_empty", "limit_zero", "out_of_range", "burst_without_rate", "burst_range", .. IfMatch.Codes]);
        v1.MapDelete("/edges/{edge:id}/owners/{account:id}/limits", ClearLimitsAsync).Produces(StatusCodes.Status204NoContent)
            .Describe("clearOwnerLimits", "Takes all limits of an owner on an edge away.", RouteAccess.Superadmin, "write", ["edge_not_found", "owner_limits_not_found", .. IfMatch.Codes]);
    }

    private static async Task<IResult> ListAsync(HttpContext http, EdgeReader reader, string? q, string? limit, string? cursor)
    {
        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await reader.ListAsync(http.Actor(), q, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> GetAsync(HttpContext http, EdgeReader reader, EdgeId edge) =>
        (await reader.GetAsync(http.Actor(), edge, http.RequestAborted)).Ok();

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeWriter writer, JsonBody<EdgeFields> body) => body.Read.TryGet(out var fields)
        ? (await writer.CreateAsync(http.Actor(), fields, http.RequestAborted)).Created(view => $"/v1/edges/{view.Id}")
        : ApiProblems.Of(body.Read.Problems);

    private static async Task<IResult> ChangeAsync(HttpContext http, EdgeWriter writer, EdgeId edge, PatchBody<EdgeFields> body)
    {
        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.ChangeAsync(http.Actor(), edge, expected, body.ApplyTo, http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, EdgeWriter writer, EdgeId edge, string? dry_run)
    {
        var (revision, trial) = (IfMatch.Read(http.Request), QueryFlags.DryRun(dry_run));
        return revision.TryGet(out var expected) && trial.TryGet(out var isTrial)
            ? (await writer.DeleteAsync(http.Actor(), edge, expected, isTrial, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. revision.Problems, .. trial.Problems]);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, EdgeWriter writer, EdgeId edge)
    {
        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.RevokeAsync(http.Actor(), edge, expected, http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }

    private static async Task<IResult> ListCodesAsync(HttpContext http, EnrollCodes codes, EdgeId edge, string? limit, string? cursor)
    {
        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await codes.ListAsync(http.Actor(), edge, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> CreateCodeAsync(HttpContext http, EnrollLines lines, EdgeId edge, JsonBody<EnrollFields> body) => body.Read.TryGet(out var fields)
        ? (await lines.CreateAsync(http.Actor(), edge, fields, await lines.AddressAsync(http.Request.Host.Host, http.RequestAborted), http.RequestAborted)).Created(code => $"/v1/edges/{code.Edge}/enrolments/{code.Id}")
        : ApiProblems.Of(body.Read.Problems);

    private static async Task<IResult> CancelCodeAsync(HttpContext http, EnrollCodes codes, EdgeId edge, EnrollCodeId enrolment) =>
        (await codes.CancelAsync(http.Actor(), edge, enrolment, http.RequestAborted)).NoContent();

    private static async Task<IResult> ListOwnersAsync(HttpContext http, OwnerLimits limits, EdgeId edge, string? limit, string? cursor)
    {
        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await limits.ListAsync(http.Actor(), edge, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> GetLimitsAsync(HttpContext http, OwnerLimits limits, EdgeId edge, AccountId account) =>
        (await limits.GetAsync(http.Actor(), edge, account, http.RequestAborted)).Ok();

    private static async Task<IResult> SetLimitsAsync(HttpContext http, OwnerLimits limits, EdgeId edge, AccountId account, JsonBody<LimitSpec> body)
    {
        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected) && body.Read.TryGet(out var wanted)
            ? (await limits.SetAsync(http.Actor(), edge, account, expected, wanted, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. revision.Problems, .. body.Read.Problems]);
    }

    private static async Task<IResult> ClearLimitsAsync(HttpContext http, OwnerLimits limits, EdgeId edge, AccountId account)
    {
        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected)
            ? (await limits.ClearAsync(http.Actor(), edge, account, expected, http.RequestAborted)).NoContent()
            : ApiProblems.Of(revision.Problems);
    }
}

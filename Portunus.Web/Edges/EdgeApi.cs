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
        v1.MapGet("/edges/{edge}", GetAsync).Produces<EdgeView>()
            .Describe("getEdge", "One edge.", RouteAccess.SignedIn, "read", "edge_not_found");
        v1.MapPatch("/edges/{edge}", ChangeAsync).Produces<EdgeView>()
            .Describe("changeEdge", "Changes name, public address or note of an edge.", RouteAccess.Superadmin, "write", ["edge_not_found", .. s_fieldCodes, .. IfMatch.NeededCodes]);
        v1.MapDelete("/edges/{edge}", DeleteAsync).Produces<EdgeRemoval>()
            .Describe("deleteEdge", "Deletes an edge with its rules, grants and limits, and tells of them; with dry_run only tells.", RouteAccess.Superadmin, "write", ["edge_not_found", .. IfMatch.OptionalCodes]);
        v1.MapPost("/edges/{edge}/revoke", RevokeAsync).Produces<EdgeView>()
            .Describe("revokeEdge", "Shuts an edge out: it stops forwarding when it learns of it.", RouteAccess.Superadmin, "write", ["edge_not_found", .. IfMatch.OptionalCodes]);
        MapEnrolments(v1);
        MapOwners(v1);
    }

    private static void MapEnrolments(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/edges/{edge}/enrolments", ListCodesAsync).Produces<Page<EnrollCodeView>>()
            .Describe("listEnrolments", "Enrolment codes of an edge, newest first, without the codes themselves.", RouteAccess.Overseers, "read", "edge_not_found", "limit_bounds", "cursor_malformed");
        v1.MapPost("/edges/{edge}/enrolments", CreateCodeAsync).Produces<NewEnrollCode>(StatusCodes.Status201Created)
            .Describe("createEnrolment", "Makes a code, shown this once, by which one machine becomes this edge.", RouteAccess.Superadmin, "write", "edge_not_found", "out_of_range");
        v1.MapDelete("/edges/{edge}/enrolments/{enrolment}", CancelCodeAsync).Produces(StatusCodes.Status204NoContent)
            .Describe("cancelEnrolment", "Ends a code that nobody has redeemed.", RouteAccess.Superadmin, "write", "edge_not_found", "enroll_code_not_found", "enroll_code_redeemed");
    }

    private static void MapOwners(IEndpointRouteBuilder v1)
    {
        v1.MapGet("/edges/{edge}/owners", ListOwnersAsync).Produces<Page<EdgeOwnerView>>()
            .Describe("listEdgeOwners", "Who owns rules on an edge or has limits there.", RouteAccess.Overseers, "read", "edge_not_found", "limit_bounds", "cursor_malformed");
        v1.MapGet("/edges/{edge}/owners/{account}/limits", GetLimitsAsync).Produces<OwnerLimitView>()
            .Describe("getOwnerLimits", "Limits of an owner over all own rules on an edge.", RouteAccess.SignedIn, "read", "edge_not_found", "owner_limits_not_found");
        v1.MapPut("/edges/{edge}/owners/{account}/limits", SetLimitsAsync).Produces<OwnerLimitView>()
            .Describe("setOwnerLimits", "Sets all limits of an owner on an edge; what is left out is not limited.", RouteAccess.Superadmin, "write",
                ["edge_not_found", "account_not_found", "limits_empty", "limit_zero", "out_of_range", "burst_without_rate", "burst_range", .. IfMatch.OptionalCodes]);
        v1.MapDelete("/edges/{edge}/owners/{account}/limits", ClearLimitsAsync).Produces(StatusCodes.Status204NoContent)
            .Describe("clearOwnerLimits", "Takes all limits of an owner on an edge away.", RouteAccess.Superadmin, "write", ["edge_not_found", "owner_limits_not_found", .. IfMatch.OptionalCodes]);
    }

    private static async Task<IResult> ListAsync(HttpContext http, EdgeReader reader, string? q, string? limit, string? cursor)
    {
        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await reader.ListAsync(http.Actor(), q, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> GetAsync(HttpContext http, EdgeReader reader, string edge) => EdgeId.TryParse(edge, out var id)
        ? (await reader.GetAsync(http.Actor(), id, http.RequestAborted)).Ok()
        : Unknown();

    private static async Task<IResult> CreateAsync(HttpContext http, EdgeWriter writer, JsonBody<EdgeFields> body) => body.Read.TryGet(out var fields)
        ? (await writer.CreateAsync(http.Actor(), fields, http.RequestAborted)).Created(view => $"/v1/edges/{view.Id}")
        : ApiProblems.Of(body.Read.Problems);

    private static async Task<IResult> ChangeAsync(HttpContext http, EdgeWriter writer, string edge, PatchBody<EdgeFields> body)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return Unknown();
        }

        var revision = IfMatch.Read(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.ChangeAsync(http.Actor(), id, expected, body.ApplyTo, http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, EdgeWriter writer, string edge, string? dry_run)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return Unknown();
        }

        var revision = IfMatch.ReadOptional(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.DeleteAsync(http.Actor(), id, expected, QueryFlags.IsSet(dry_run), http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }

    private static async Task<IResult> RevokeAsync(HttpContext http, EdgeWriter writer, string edge)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return Unknown();
        }

        var revision = IfMatch.ReadOptional(http.Request);
        return revision.TryGet(out var expected)
            ? (await writer.RevokeAsync(http.Actor(), id, expected, http.RequestAborted)).Ok()
            : ApiProblems.Of(revision.Problems);
    }

    private static async Task<IResult> ListCodesAsync(HttpContext http, EnrollCodes codes, string edge, string? limit, string? cursor)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return http.Actor().NeedsOverseer() is { } refusal ? ApiProblems.Of(refusal) : Unknown();
        }

        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await codes.ListAsync(http.Actor(), id, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> CreateCodeAsync(HttpContext http, EnrollCodes codes, string edge, JsonBody<EnrollFields> body)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return Unknown();
        }

        return body.Read.TryGet(out var fields)
            ? (await codes.CreateAsync(http.Actor(), id, fields, http.RequestAborted)).Created(code => $"/v1/edges/{code.Edge}/enrolments/{code.Id}")
            : ApiProblems.Of(body.Read.Problems);
    }

    private static async Task<IResult> CancelCodeAsync(HttpContext http, EnrollCodes codes, string edge, string enrolment) =>
        EdgeId.TryParse(edge, out var id) && EnrollCodeId.TryParse(enrolment, out var code)
            ? (await codes.CancelAsync(http.Actor(), id, code, http.RequestAborted)).NoContent()
            : ApiProblems.Of(Problem.NotFound("enroll_code"));

    private static async Task<IResult> ListOwnersAsync(HttpContext http, OwnerLimits limits, string edge, string? limit, string? cursor)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return http.Actor().NeedsOverseer() is { } refusal ? ApiProblems.Of(refusal) : Unknown();
        }

        var asked = PageAsked.Read(limit, cursor);
        return asked.TryGet(out var page) ? (await limits.ListAsync(http.Actor(), id, page, http.RequestAborted)).Ok() : ApiProblems.Of(asked.Problems);
    }

    private static async Task<IResult> GetLimitsAsync(HttpContext http, OwnerLimits limits, string edge, string account) =>
        EdgeId.TryParse(edge, out var id) && AccountId.TryParse(account, out var owner)
            ? (await limits.GetAsync(http.Actor(), id, owner, http.RequestAborted)).Ok()
            : Unknown();

    private static async Task<IResult> SetLimitsAsync(HttpContext http, OwnerLimits limits, string edge, string account, JsonBody<LimitSpec> body)
    {
        if (!EdgeId.TryParse(edge, out var id) || !AccountId.TryParse(account, out var owner))
        {
            return Unknown();
        }

        var revision = IfMatch.ReadOptional(http.Request);
        if (!revision.TryGet(out var expected) || !body.Read.TryGet(out var wanted))
        {
            return ApiProblems.Of([.. revision.Problems, .. body.Read.Problems]);
        }

        return (await limits.SetAsync(http.Actor(), id, owner, expected, wanted, http.RequestAborted)).Ok();
    }

    private static async Task<IResult> ClearLimitsAsync(HttpContext http, OwnerLimits limits, string edge, string account)
    {
        if (!EdgeId.TryParse(edge, out var id) || !AccountId.TryParse(account, out var owner))
        {
            return Unknown();
        }

        var revision = IfMatch.ReadOptional(http.Request);
        return revision.TryGet(out var expected)
            ? (await limits.ClearAsync(http.Actor(), id, owner, expected, http.RequestAborted)).NoContent()
            : ApiProblems.Of(revision.Problems);
    }

    private static IResult Unknown() => ApiProblems.Of(Problem.NotFound("edge"));
}

using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>Rules over HTTP.</summary>
internal static class RuleApi
{
    private static readonly string[] s_filterCodes = ["edge_malformed", "owner_malformed", "protocol_unknown", "state_unknown", "port_malformed"];

    /// <summary>Beside them come the codes of a rule's own fields, which the page on rules lists.</summary>
    private static readonly string[] s_ruleCodes =
    [
        "edge_missing", "edge_malformed", "edge_not_found", "owner_malformed", "owner_forbidden", "owner_not_found", "owner_is_auditor", "edge_rule_limit", "rule_limit", "name_taken", "expires_at_past",
        "edge_not_granted", "protocol_not_granted", "ports_not_granted", "port_collision", "sni_name_duplicate", "sni_fallback_duplicate", "sni_of_another_owner",
    ];

    private static readonly string[] s_flowCodes = ["flows_unknown", "flows_keep", "deadline_malformed"];

    private const string WaitCode = "wait_malformed";

    public static void MapRules(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/rules", ListAsync).Produces<Page<RuleView>>()
            .Describe("listRules", "Rules that match, sorted; tenants see own ones.", RouteAccess.SignedIn, "read", ["limit_bounds", "cursor_malformed", "sort_unknown", "applied_unknown", .. s_filterCodes]);
        v1.MapPost("/rules", CreateAsync).Produces<RuleView>(StatusCodes.Status201Created)
            .Describe("createRule", "Makes a rule, whether its edge is there or not.", RouteAccess.SignedIn, "write", [.. s_ruleCodes, WaitCode]);
        v1.MapGet("/rules/{rule:id}", GetAsync).Produces<RuleView>()
            .Describe("getRule", "One rule and where it stands.", RouteAccess.SignedIn, "read", "rule_not_found");
        v1.MapPatch("/rules/{rule:id}", ChangeAsync).Produces<RuleView>()
            .Describe("changeRule", "Changes any field of a rule but its edge.", RouteAccess.SignedIn, "write", 
                ["rule_not_found", "rule_unreadable", "edge_fixed", .. s_ruleCodes, .. s_flowCodes, WaitCode, .. IfMatch.Codes]);
        v1.MapDelete("/rules/{rule:id}", DeleteAsync).Produces(StatusCodes.Status204NoContent)
            .Describe("deleteRule", "Removes a rule.", RouteAccess.SignedIn, "write", ["rule_not_found", .. s_flowCodes, .. IfMatch.Codes]);
        v1.MapPost("/rules/{rule:id}/clone", CloneAsync).Produces<RuleView>(StatusCodes.Status201Created)
            .Describe("cloneRule", "Makes a rule like another one, disabled and without a name unless the patch says otherwise.", RouteAccess.SignedIn, "write", ["rule_not_found", "rule_unreadable", .. s_ruleCodes, WaitCode]);
        v1.MapPost("/rules/bulk", BulkAsync).Produces<BulkResult>()
            .Describe("bulkRules", "Enables, disables or deletes many rules, each judged by itself.", RouteAccess.SignedIn, "write",
                ["action_missing", "bulk_empty", "bulk_too_many", "id_malformed", .. s_filterCodes, .. s_flowCodes]);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, RuleReader reader, string? edge, string? owner, string? protocol, string? state, string? applied, string? port, string? q, string? sort, string? limit, string? cursor)
    {
        var problems = new List<Problem>();
        var filter = new FilterFields { Edge = edge, Owner = owner, Protocol = protocol, State = state, Port = port, Q = q }.Read("", problems);
        if (applied is not null && !RuleFacts.States.Contains(applied))
        {
            problems.Add(new Problem("applied_unknown", "applied", $"applied must be one of {string.Join(", ", RuleFacts.States)}."));
        }

        var sorted = RuleOrder.Read(sort);
        var asked = PageAsked.Read(limit, cursor, sorted.TryGet(out var order) ? order.Keys : 1);
        if (order is null || !asked.TryGet(out var page) || problems.Count > 0)
        {
            return ApiProblems.Of([.. problems, .. sorted.Problems, .. asked.Problems]);
        }

        return (await reader.ListAsync(http.Actor(), filter, applied, order, page, http.RequestAborted)).Ok();
    }

    private static async Task<IResult> GetAsync(HttpContext http, RuleReader reader, RuleId rule) =>
        (await reader.GetAsync(http.Actor(), rule, http.RequestAborted)).Ok();

    private static async Task<IResult> CreateAsync(HttpContext http, RuleWriter writer, RuleWait waiting, RuleBody body, string? wait)
    {
        var most = WaitAsked.Read(wait);
        if (!body.Read.TryGet(out var asked) || !most.TryGet(out var time))
        {
            return ApiProblems.Of([.. body.Read.Problems, .. most.Problems]);
        }

        var made = await writer.CreateAsync(http.Actor(), asked, http.RequestAborted);
        return (await waiting.AfterAsync(http.Actor(), made, time, http.RequestAborted)).Created(view => $"/v1/rules/{view.Id}");
    }

    private static async Task<IResult> ChangeAsync(
        HttpContext http, RuleWriter writer, RuleWait waiting, RuleId rule, RulePatchBody body, string? flows, string? deadline, string? wait)
    {
        var revision = IfMatch.Read(http.Request);
        var (wanted, most) = (FlowsAsked.Read(flows, deadline), WaitAsked.Read(wait));
        if (!revision.TryGet(out var expected) || !wanted.TryGet(out var order) || !most.TryGet(out var time))
        {
            return ApiProblems.Of([.. revision.Problems, .. wanted.Problems, .. most.Problems]);
        }

        var changed = await writer.ChangeAsync(http.Actor(), rule, expected, body.ApplyTo, order, http.RequestAborted);
        return (await waiting.AfterAsync(http.Actor(), changed, time, http.RequestAborted)).Ok();
    }

    private static async Task<IResult> DeleteAsync(HttpContext http, RuleWriter writer, RuleId rule, string? flows, string? deadline)
    {
        var revision = IfMatch.Read(http.Request);
        var wanted = FlowsAsked.Read(flows, deadline);
        return revision.TryGet(out var expected) && wanted.TryGet(out var order)
            ? (await writer.DeleteAsync(http.Actor(), rule, expected, order, http.RequestAborted)).NoContent()
            : ApiProblems.Of([.. revision.Problems, .. wanted.Problems]);
    }

    private static async Task<IResult> CloneAsync(HttpContext http, RuleWriter writer, RuleWait waiting, RuleId rule, RulePatchBody body, string? wait)
    {
        var most = WaitAsked.Read(wait);
        if (!most.TryGet(out var time))
        {
            return ApiProblems.Of(most.Problems);
        }

        var made = await writer.CloneAsync(http.Actor(), rule, body.ApplyTo, http.RequestAborted);
        return (await waiting.AfterAsync(http.Actor(), made, time, http.RequestAborted)).Created(view => $"/v1/rules/{view.Id}");
    }

    private static async Task<IResult> BulkAsync(HttpContext http, RuleBulk bulk, JsonBody<BulkFields> body, string? flows, string? deadline)
    {
        if (!body.Read.TryGet(out var fields))
        {
            return ApiProblems.Of(body.Read.Problems);
        }

        var checkedFields = fields.Check();
        var wanted = FlowsAsked.Read(flows, deadline);
        return checkedFields.TryGet(out var asked) && wanted.TryGet(out var order)
            ? (await bulk.RunAsync(http.Actor(), asked.Action, asked.Ids, asked.Filter, order, http.RequestAborted)).Ok()
            : ApiProblems.Of([.. checkedFields.Problems, .. wanted.Problems]);
    }
}

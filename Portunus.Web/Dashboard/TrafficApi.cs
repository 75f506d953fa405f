using Portunus.Shared.Ids;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Outcomes;
using Portunus.Web.Traffic;

namespace Portunus.Web.Dashboard;

/// <summary>Traffic over HTTP: as it is, and as it goes.</summary>
internal static class TrafficApi
{
    private const string Events = "text/event-stream";

    public static void MapTraffic(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/traffic", All).Produces<TrafficView>()
            .Describe("getTraffic", "Traffic over all rules; of tenants over own ones.", RouteAccess.SignedIn, "read");
        v1.MapGet("/traffic/events", AllEvents).Produces<string>(StatusCodes.Status200OK, Events)
            .Describe("followTraffic", "The same as it changes, as server-sent events: at most one a second.", RouteAccess.SignedIn, "read", "streams_too_many");
        v1.MapGet("/rules/{rule}/traffic", RuleAsync).Produces<RuleTrafficView>()
            .Describe("getRuleTraffic", "Traffic of one rule.", RouteAccess.SignedIn, "read", "rule_not_found", "ports_unknown", "targets_unknown");
        v1.MapGet("/rules/{rule}/traffic/events", RuleEventsAsync).Produces<string>(StatusCodes.Status200OK, Events)
            .Describe("followRuleTraffic", "Traffic of one rule as it changes, as server-sent events: at most one a second.", RouteAccess.SignedIn, "read", "rule_not_found", "streams_too_many");
        v1.MapGet("/edges/{edge}/traffic", EdgeAsync).Produces<TrafficView>()
            .Describe("getEdgeTraffic", "Traffic of one edge; for tenants that of own rules there.", RouteAccess.SignedIn, "read", "edge_not_found");
    }

    private static IResult All(HttpContext http, TrafficReader reader) => Outcome(reader.All(TrafficSight.Of(http.Actor()))).Ok();

    private static async Task<IResult> RuleAsync(HttpContext http, TrafficSight sight, TrafficReader reader, string rule, string? ports, string? targets)
    {
        if (!RuleId.TryParse(rule, out var id))
        {
            return ApiProblems.Of(Problem.NotFound("rule"));
        }

        var (withPorts, withTargets) = (QueryFlags.Read("ports", ports), QueryFlags.Read("targets", targets));
        if (!withPorts.TryGet(out var eachPort) || !withTargets.TryGet(out var eachTarget))
        {
            return ApiProblems.Of([.. withPorts.Problems, .. withTargets.Problems]);
        }

        var actor = http.Actor();
        var seen = await sight.RuleAsync(actor, id, http.RequestAborted);
        return seen.TryGet(out var edge)
            ? Outcome(await reader.RuleAsync(id, edge, TrafficSight.Of(actor), eachPort == true, eachTarget == true, http.RequestAborted)).Ok()
            : ApiProblems.Of(seen.Problems);
    }

    private static async Task<IResult> EdgeAsync(HttpContext http, TrafficSight sight, TrafficReader reader, string edge)
    {
        if (!EdgeId.TryParse(edge, out var id))
        {
            return ApiProblems.Of(Problem.NotFound("edge"));
        }

        var seen = await sight.EdgeAsync(http.Actor(), id, http.RequestAborted);
        return seen.IsDone
            ? Outcome(await reader.EdgeAsync(id, TrafficSight.Of(http.Actor()), http.RequestAborted)).Ok()
            : ApiProblems.Of(seen.Problems);
    }

    private static async Task<IResult> RuleEventsAsync(HttpContext http, TrafficSight sight, TrafficReader reader, TrafficStreams streams, string rule)
    {
        if (!RuleId.TryParse(rule, out var id))
        {
            return ApiProblems.Of(Problem.NotFound("rule"));
        }

        var seen = await sight.RuleAsync(http.Actor(), id, http.RequestAborted);
        return seen.IsDone
            ? streams.Open(http.Actor(), async (actor, cancel) => (await sight.RuleAsync(actor, id, cancel)).IsDone, actor => reader.RuleNow(id, TrafficSight.Of(actor)))
            : ApiProblems.Of(seen.Problems);
    }

    private static IResult AllEvents(HttpContext http, TrafficReader reader, TrafficStreams streams) =>
        streams.Open(http.Actor(), static (_, _) => Task.FromResult(true), actor => reader.AllNow(TrafficSight.Of(actor)));

    private static Outcome<T> Outcome<T>(T value) => value;
}

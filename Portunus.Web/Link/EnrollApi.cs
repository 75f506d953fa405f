using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Portunus.Shared.Link;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Edges;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Link;

/// <summary>POST a code, get a credential. A field that is not known is left alone: a newer edge may say more of itself.</summary>
internal static class EnrollApi
{
    private static readonly Problem s_malformed = new("malformed_request", "", "The request cannot be read.", ProblemKind.Malformed);

    public static void MapEnroll(this IEndpointRouteBuilder routes) => routes.MapPost(LinkRoutes.Enroll, RedeemAsync)
        .AllowAnonymous().WithMetadata(new ServedOn(ListenerKind.Link), new StrangersBody()).ExcludeFromDescription();

    private static async Task<IResult> RedeemAsync(HttpContext http, EnrollRedeeming redeeming, ILinkEnd end)
    {
        var asked = await ReadAsync(http.Request);
        if (!asked.TryGet(out var request))
        {
            return ApiProblems.Of(asked.Problems);
        }

        var actor = Actor.Nobody(ActorSource.RemoteAddress(http), http.TraceIdentifier);
        var enrolled = await redeeming.RedeemAsync(actor, request.Code, request.Host, request.Version, http.RequestAborted);
        if (!enrolled.TryGet(out var edge))
        {
            return ApiProblems.Of(enrolled.Problems);
        }

        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(new EnrollReply(edge.Edge.ToString(), edge.Name, edge.Credential, [.. end.Pins.Select(pin => pin.Text)]), LinkJson.Default.EnrollReply);
    }

    private static async Task<Outcome<EnrollRequest>> ReadAsync(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(JsonBody.ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return new Problem("content_type", "", $"The body must be sent as {JsonBody.ContentType}.", ProblemKind.MediaType);
        }

        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, LinkJson.Default.EnrollRequest, request.HttpContext.RequestAborted) is { Code: { } code } read
                ? new EnrollRequest(code, read.Host ?? "", read.Version ?? "")
                : s_malformed;
        }
        catch (JsonException)
        {
            return s_malformed;
        }
    }
}

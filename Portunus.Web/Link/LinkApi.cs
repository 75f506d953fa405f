using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Edges;

namespace Portunus.Web.Link;

/// <summary>The link as it is told.</summary>
/// <param name="Port">Where edges connect.</param>
/// <param name="Pins">What edges know this control plane by, the one in use first; a second one while the key is changed.</param>
/// <param name="Connected">Edges that are connected now.</param>
/// <param name="Rotation">The change of the key that is under way, else the last since the start; null without any.</param>
internal sealed record LinkView(int Port, IReadOnlyList<string> Pins, int Connected, RotationView? Rotation);

/// <summary>What is asked for with a change of the key.</summary>
internal sealed record RotationFields
{
    /// <summary>How long edges that are away are waited for, 0–10080. Default 1.</summary>
    [Bounds(0, RotationView.MaxWaitMinutes)]
    public long? WaitMinutes { get; init; }
}

/// <summary>The link and its key over HTTP.</summary>
internal static class LinkApi
{
    public static void MapLinkApi(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/link", Get).Produces<LinkView>()
            .Describe("getLink", "Where edges connect, what they know this control plane by, and how far a change of its key is.", RouteAccess.Overseers, "read");
        v1.MapPost("/link/rotate", RotateAsync).Produces<RotationView>()
            .Describe("rotateLinkKey", "Makes the next key and announces it to edges; the switch comes when every edge has it, at the latest after wait_minutes.", RouteAccess.Superadmin, "write", "rotation_under_way", "out_of_range");
    }

    private static IResult Get(HttpContext http, ILinkEnd end, ILinkRotation rotation, EdgePresence presence) =>
        http.Actor().NeedsOverseer() is { } refusal
            ? ApiProblems.Of(refusal)
            : Results.Json(new LinkView(end.Port, [.. end.Pins.Select(pin => pin.Text)], presence.ConnectedCount, rotation.Last), ApiJson.Options);

    private static async Task<IResult> RotateAsync(HttpContext http, ILinkRotation rotation, JsonBody<RotationFields> body) => body.Read.TryGet(out var fields)
        ? (await rotation.BeginAsync(http.Actor(), fields.WaitMinutes ?? 1, http.RequestAborted)).Ok()
        : ApiProblems.Of(body.Read.Problems);
}

using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Link;
using Portunus.Web.Edges;

namespace Portunus.Web.Link;

/// <summary>
/// What every message of a link passes: hello first and once, not too many, and none after the link was called off. Whoever does not
/// keep to it is cut and counted, and may come again.
/// </summary>
internal sealed class LinkGuard(LinkCuts cuts, EdgePresence presence, ILogger<LinkGuard> log) : IHubFilter
{
    public const string NoHello = "no_hello";
    public const string TooMany = "too_many_messages";
    public const string Garbage = "garbage";

    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        if (EdgeConnection.Of(invocationContext.Context) is not { Closing: null } connection)
        {
            throw new HubException("This link is over.");
        }

        if (!connection.Budget.TryTake())
        {
            throw Cut(connection, TooMany);
        }

        var isHello = invocationContext.HubMethodName == nameof(IEdgeHub.Hello);
        if (isHello ? !connection.TryGreet() : !connection.IsGreeted)
        {
            throw Cut(connection, NoHello);
        }

        presence.Heard(connection.Caller.Edge);
        try
        {
            return await next(invocationContext);
        }
        catch (Exception broken) when (broken is not (HubException or OperationCanceledException))
        {
            // Whatever was in it, it is this edge's message and nobody else's trouble.
            LinkLog.MessageFailed(log, broken, connection.Caller.Edge, invocationContext.HubMethodName);
            throw Cut(connection, Garbage);
        }
    }

    private HubException Cut(EdgeConnection connection, string reason)
    {
        cuts.Begin(connection, reason);
        return new HubException($"The link is cut: {reason}.");
    }
}

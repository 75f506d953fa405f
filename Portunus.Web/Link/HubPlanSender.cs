using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Web.Plans;

namespace Portunus.Web.Link;

/// <summary>Plans go by the link.</summary>
internal sealed class HubPlanSender(EdgeConnections connections, IHubContext<EdgeHub, IEdgeClient> hub) : IPlanSender
{
    public bool IsConnected(EdgeId edge) => connections.Find(edge) is not null;

    public async Task SendAsync(EdgeId edge, PlanMessage plan, CancellationToken cancel)
    {
        if (connections.Find(edge) is not { } connection)
        {
            throw new InvalidOperationException("The edge is not connected.");
        }

        await hub.Clients.Client(connection.Id).ApplyPlan(plan).WaitAsync(cancel);
    }
}

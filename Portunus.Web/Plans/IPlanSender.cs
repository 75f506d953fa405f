using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Plans;

/// <summary>The one way up: plans are sent without knowing by what.</summary>
internal interface IPlanSender
{
    /// <summary>Whether the edge is there, from its hello on.</summary>
    bool IsConnected(EdgeId edge);

    /// <summary>Hands a plan over; what comes of it is told by a report, some time. Fails where the edge is not there.</summary>
    Task SendAsync(EdgeId edge, PlanMessage plan, CancellationToken cancel);
}

using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Web.Plans;

/// <summary>Where no link is served no edge is there.</summary>
internal sealed class UnlinkedSender : IPlanSender
{
    public bool IsConnected(EdgeId edge) => false;

    public Task SendAsync(EdgeId edge, PlanMessage plan, CancellationToken cancel) => throw new InvalidOperationException("No link is served here.");
}

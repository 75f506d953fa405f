using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Web.Link;

/// <summary>What an edge may call. It maps; <see cref="EdgeLinks"/> knows what to do.</summary>
internal sealed class EdgeHub(EdgeLinks links) : Hub<IEdgeClient>, IEdgeHub
{
    public override Task OnConnectedAsync() => links.OpenAsync(Context);

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        links.Close(Context, exception);
        return Task.CompletedTask;
    }

    public async Task<EdgeWelcome> Hello(EdgeHello hello) =>
        await links.HelloAsync(Connection, hello) ?? throw new HubException("This version of the link is not spoken here.");

    public Task ReportPlan(PlanReport report)
    {
        links.Report(Connection, report);
        return Task.CompletedTask;
    }

    public Task ReportSamples(SampleBatch batch)
    {
        links.Sample(Connection, batch);
        return Task.CompletedTask;
    }

    public Task PinsKept(IReadOnlyList<string> pins)
    {
        links.KeepPins(Connection, pins);
        return Task.CompletedTask;
    }

    private EdgeConnection Connection => EdgeConnection.Of(Context) ?? throw new HubException("This link is over.");
}

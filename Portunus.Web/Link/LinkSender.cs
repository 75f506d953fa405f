using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Samples;
using Portunus.Web.Traffic;

namespace Portunus.Web.Link;

/// <summary>What the control plane says to edges. One that does not read holds up nobody else.</summary>
internal sealed class LinkSender(
    EdgeConnections connections, IHubContext<EdgeHub, IEdgeClient> hub, LinkCuts cuts, TrafficIntake intake, PortWatch watch, TimeProvider clock, ILogger<LinkSender> log)
    : IHostedService
{
    /// <summary>A large plan over a thin line takes its time, and what is said meanwhile waits behind it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    public const string NotReading = "not_reading";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        intake.Covered += Cover;
        watch.Changed += Watch;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        intake.Covered -= Cover;
        watch.Changed -= Watch;
        return Task.CompletedTask;
    }

    public Task WatchPortsAsync(EdgeConnection connection, IReadOnlyList<RuleId> rules) => Client(connection).WatchPorts(rules);

    /// <summary>Tells every edge that is there which pins are valid, and does not wait for slow ones.</summary>
    public void UsePins(IReadOnlyList<string> pins)
    {
        foreach (var connection in connections.All.Where(one => one is { IsGreeted: true, Closing: null }))
        {
            _ = SendAsync(connection, client => client.UsePins(pins));
        }
    }

    private void Cover(EdgeId edge, SampleMark mark)
    {
        if (connections.Find(edge) is { } connection)
        {
            _ = SendAsync(connection, client => client.Covered(mark));
        }
    }

    private void Watch(EdgeId edge)
    {
        if (connections.Find(edge) is { } connection)
        {
            _ = SendAsync(connection, client => client.WatchPorts(intake.WatchedPorts(edge)));
        }
    }

    private async Task SendAsync(EdgeConnection connection, Func<IEdgeClient, Task> send)
    {
        try
        {
            await send(Client(connection)).WaitAsync(s_patience, clock);
        }
        catch (TimeoutException)
        {
            // It sends, or it would be silent, and does not read: what waits for it here would only become more.
            cuts.Begin(connection, NotReading);
        }
        catch (Exception broken)
        {
            LinkLog.NotSent(log, broken, connection.Caller.Edge);
        }
    }

    private IEdgeClient Client(EdgeConnection connection) => hub.Clients.Client(connection.Id);
}

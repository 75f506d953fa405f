using Microsoft.AspNetCore.SignalR;
using Portunus.Shared.Link;

namespace Portunus.Web.Link;

/// <summary>Cuts links: says why, gives the word a moment to get there, and closes.</summary>
internal sealed class LinkCuts(IHubContext<EdgeHub, IEdgeClient> hub, LinkMeter meter, TimeProvider clock, ILogger<LinkCuts> log)
{
    /// <summary>An edge that hears why closes at once itself; one that does not is cut after so long.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(500);

    /// <summary>Nothing more is taken from it, and nothing sent, from here on. Answers at once.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="reason">A word of <see cref="LinkClosing"/>, which the edge is told, or another.</param>
    public void Begin(EdgeConnection connection, string reason) => _ = CutAsync(connection, reason);

    /// <summary>As <see cref="Begin"/>; done when it is cut.</summary>
    public async Task CutAsync(EdgeConnection connection, string reason)
    {
        if (!connection.TryClose(reason))
        {
            return;
        }

        meter.Count(reason);
        LinkLog.Cut(log, connection.Caller.Edge, connection.Caller.Name, reason);
        try
        {
            await hub.Clients.Client(connection.Id).Closing(reason).WaitAsync(s_grace, clock);
            await Task.Delay(s_grace, clock, connection.Ended);
        }
        catch (Exception gone) when (gone is OperationCanceledException or TimeoutException or IOException or InvalidOperationException)
        {
            // It is gone, or does not read; there is nothing more to say to it.
        }
        finally
        {
            connection.Abort();
        }
    }
}

using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Web.Edges;
using Portunus.Web.Live;
using Portunus.Web.Plans;

namespace Portunus.Web.Link;

/// <summary>Whether those who are connected may still be: asked when they come and whenever somebody changed it.</summary>
internal sealed class LinkTrust(
    EdgeConnections connections, EdgeCredentialReader reader, LinkCuts cuts, EdgePresence presence, PlanOutcomes outcomes, LiveFeed feed, ILogger<LinkTrust> log) : IHostedService
{
    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscription = feed.Subscribe(LiveKind.EdgeTrust, topic => _ = RecheckAsync(topic));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Cuts a link that was let in with a credential that is worth nothing any more.</summary>
    public async Task CheckAsync(EdgeConnection connection)
    {
        var trust = await reader.TrustAsync(connection.Caller.Edge, connection.Caller.Hash, CancellationToken.None);
        if (trust != EdgeTrust.Trusted)
        {
            cuts.Begin(connection, trust == EdgeTrust.Revoked ? LinkClosing.Revoked : LinkClosing.Superseded);
        }
    }

    private async Task RecheckAsync(LiveTopic topic)
    {
        // The publisher holds a commit and waits for nobody.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var connection in connections.All.Where(one => one.Caller.Edge == topic.Edge))
        {
            try
            {
                await CheckAsync(connection);
            }
            catch (Exception broken)
            {
                // Not knowing is not trusting: it comes again, and is asked again then.
                LinkLog.TrustNotRead(log, broken, topic.Edge);
                cuts.Begin(connection, "trust_unknown");
            }
        }

        await ForgetDeletedAsync(topic.Edge);
    }

    /// <summary>After its link was called off, so that nothing it says brings it back.</summary>
    private async Task ForgetDeletedAsync(EdgeId edge)
    {
        try
        {
            if (!await reader.IsThereAsync(edge, CancellationToken.None))
            {
                outcomes.Forget(edge);
                presence.Forget(edge);
            }
        }
        catch (Exception broken)
        {
            LinkLog.TrustNotRead(log, broken, edge);
        }
    }
}

using Portunus.Shared.Link;

namespace Portunus.Web.Link;

/// <summary>An orderly stop is told to every edge, so that its status says so and nobody looks for a fault.</summary>
internal sealed class LinkFarewell(EdgeConnections connections, LinkCuts cuts, IHostApplicationLifetime life) : IHostedService
{
    /// <summary>Edges that do not hear it are cut within a second; nothing else of the stop waits for longer than this.</summary>
    private static readonly TimeSpan s_most = TimeSpan.FromSeconds(2);

    private CancellationTokenRegistration _stopping;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The hub has registered before and closes everything at the same moment; the last who registers is the first to be called.
        _stopping = life.ApplicationStopping.Register(Say);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopping.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Returns when they are gone: whatever is said after that reaches nobody.</summary>
    private void Say() => Task.WaitAll([.. connections.End().Select(connection => cuts.CutAsync(connection, LinkClosing.ShuttingDown))], s_most);
}

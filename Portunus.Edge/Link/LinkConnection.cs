using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>One connection to the hub, from the hello to its end.</summary>
internal sealed class LinkConnection : IAsyncDisposable
{
    /// <summary>For the answer to the hello, and for each message to be received: a server that pings and does nothing else is no server.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly SampleReporter _samples;
    private readonly HubConnection _hub;
    private readonly CancellationTokenSource _ended = new();
    private volatile string? _closing;
    private volatile Exception? _why;

    public LinkConnection(LinkConnector connector, Uri place, PlanInbox inbox, SampleReporter samples, CredentialsInUse credentials)
    {
        _samples = samples;
        var json = new JsonHubProtocolOptions { PayloadSerializerOptions = new JsonSerializerOptions(LinkJson.Default.Options) };
        _hub = new HubConnection(connector, new JsonHubProtocol(Microsoft.Extensions.Options.Options.Create(json)), new UriEndPoint(place), NoServices.Instance, NullLoggerFactory.Instance)
        {
            KeepAliveInterval = LinkRoutes.KeepAlive,
            ServerTimeout = LinkRoutes.Silence,
            HandshakeTimeout = LinkRoutes.Silence,
        };
        _hub.Closed += why =>
        {
            _why = why;
            return _ended.CancelAsync();
        };
        // Read here: what the protocol cannot read it drops, and nobody would know why an edge goes on by an old plan.
        _hub.On<JsonElement>(nameof(IEdgeClient.ApplyPlan), inbox.Offer);
        _hub.On<IReadOnlyList<string>>(nameof(IEdgeClient.UsePins), pins => credentials.UsePins(pins) ? TellPinsAsync(pins) : Task.CompletedTask);
        _hub.On<SampleMark>(nameof(IEdgeClient.Covered), samples.Cover);
        _hub.On<IReadOnlyList<RuleId>>(nameof(IEdgeClient.WatchPorts), samples.Watch);
        _hub.On<string>(nameof(IEdgeClient.Closing), reason =>
        {
            // What is about to be cut need not be waited for: a revocation is obeyed at once.
            _closing = reason;
            return _ended.CancelAsync();
        });
    }

    /// <summary>Why the control plane is about to cut the link; null while it has not said so.</summary>
    public string? Closing => _closing;

    /// <summary>Connects and says hello.</summary>
    /// <exception cref="LinkRefusal">There is somebody, and there will be no link.</exception>
    public async Task<EdgeWelcome> OpenAsync(EdgeHello hello, CancellationToken cancel)
    {
        await _hub.StartAsync(cancel);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _ended.Token);
        return await _hub.InvokeAsync<EdgeWelcome>(nameof(IEdgeHub.Hello), hello, either.Token).WaitAsync(s_patience, either.Token);
    }

    /// <summary>These are in the file now. A control plane that does not ask for it leaves it alone.</summary>
    public Task TellPinsAsync(IReadOnlyList<string> pins) => _hub.SendAsync(nameof(IEdgeHub.PinsKept), pins.ToArray(), _ended.Token);

    /// <summary>Reports and samples until the connection ends.</summary>
    public async Task<LinkEnd> StayAsync(EdgeWelcome welcome, PlanReporter reporter, CancellationToken cancel)
    {
        _samples.BeginConnection(welcome.Durable);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _ended.Token);
        var reporting = reporter.RunAsync(report => SendAsync(nameof(IEdgeHub.ReportPlan), report, either.Token), either.Token);
        var sampling = _samples.RunAsync(batch => SendAsync(nameof(IEdgeHub.ReportSamples), batch, either.Token), either.Token);
        var first = await Task.WhenAny(reporting, sampling);
        await either.CancelAsync();
        await Task.WhenAll(reporting, sampling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_closing is { } word)
        {
            return LinkEnd.Closed(word, hasStood: true);
        }

        return LinkEnd.Broken(_why ?? (_ended.IsCancellationRequested ? null : first.Exception?.InnerException), hasStood: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _ended.Dispose();
    }

    private async Task SendAsync<T>(string method, T message, CancellationToken cancel) =>
        await _hub.InvokeAsync(method, message, cancel).WaitAsync(s_patience, cancel);

    /// <summary>The hub's protocol asks for nothing but a place to ask.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}

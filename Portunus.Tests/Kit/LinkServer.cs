using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>The control plane's end of the link as far as a test of the edge needs one: it answers what the test says and keeps what it was sent.</summary>
internal sealed class LinkServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<EnrollRequest> _enrollments = new();
    private readonly ConcurrentQueue<HubRequest> _requests = new();
    private readonly ConcurrentQueue<EdgeHello> _hellos = new();
    private readonly ConcurrentQueue<PlanReport> _reports = new();
    private readonly ConcurrentQueue<SampleBatch> _batches = new();
    private readonly ConcurrentQueue<IReadOnlyList<string>> _pins = new();
    private int _connections;

    private LinkServer(ServerKey key, int port, SslProtocols protocols)
    {
        Key = key;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(this);
        builder.Services
            .AddSignalR(hub =>
            {
                hub.KeepAliveInterval = LinkRoutes.KeepAlive;
                hub.ClientTimeoutInterval = LinkRoutes.Silence;
                hub.MaximumReceiveMessageSize = LinkRoutes.MaxMessageBytes;
            })
            .AddJsonProtocol(json => json.PayloadSerializerOptions = new JsonSerializerOptions(LinkJson.Default.Options));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Use(next => connection =>
            {
                Interlocked.Increment(ref _connections);
                return next(connection);
            });
            listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = key.Certificate, SslProtocols = protocols });
        }));
        _app = builder.Build();
        _app.Use(AdmitAsync);
        _app.MapPost(LinkRoutes.Enroll, async request =>
        {
            _enrollments.Enqueue((await JsonSerializer.DeserializeAsync(request.Request.Body, LinkJson.Default.EnrollRequest))!);
            await Enrolling(request);
        });
        _app.MapHub<StandInHub>(LinkRoutes.Hub, hub => hub.Transports = HttpTransportType.WebSockets);
    }

    public ServerKey Key { get; }

    public int Port { get; private set; }

    /// <summary>What it answers to a code; a reply that is good at first.</summary>
    public Func<HttpContext, Task> Enrolling { get; set; } = request => request.Response.WriteAsJsonAsync(Reply(), LinkJson.Default.EnrollReply);

    /// <summary>What a request for the hub is answered; 0 lets it through.</summary>
    public int HubStatus { get; set; }

    /// <summary>The welcome; by default nothing is durable and the key in use is the only one.</summary>
    public Func<EdgeHello, EdgeWelcome>? Welcoming { get; set; }

    /// <summary>Called with each report, after it was taken down.</summary>
    public Action<PlanReport>? Reporting { get; set; }

    /// <summary>Called with each hello, after it was taken down.</summary>
    public Action<EdgeHello>? Greeted { get; set; }

    /// <summary>What came with each try to enrol.</summary>
    public IReadOnlyList<EnrollRequest> Enrollments => [.. _enrollments];

    /// <summary>Who asked for the hub, and with what.</summary>
    public IReadOnlyList<HubRequest> Requests => [.. _requests];

    public IReadOnlyList<EdgeHello> Hellos => [.. _hellos];

    public IReadOnlyList<PlanReport> Reports => [.. _reports];

    public IReadOnlyList<SampleBatch> Batches => [.. _batches];

    /// <summary>What the edge said it has on its disk.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Pins => [.. _pins];

    /// <summary>Connections of TCP so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Every edge that is connected.</summary>
    public IEdgeClient Edges => _app.Services.GetRequiredService<IHubContext<StandInHub, IEdgeClient>>().Clients.All;

    /// <summary>Every edge that is connected, for what the interface cannot say.</summary>
    public IClientProxy RawEdges => _app.Services.GetRequiredService<IHubContext<StandInHub>>().Clients.All;

    public static Task<LinkServer> StartAsync(SslProtocols protocols = SslProtocols.None) => StartAsync(new ServerKey(), 0, protocols);

    /// <summary>With a key and at a port that were there before.</summary>
    public static async Task<LinkServer> StartAsync(ServerKey key, int port, SslProtocols protocols = SslProtocols.None)
    {
        var server = new LinkServer(key, port, protocols);
        await server._app.StartAsync();
        var address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Port = new Uri(address).Port;
        return server;
    }

    public static EnrollReply Reply(params ServerPin[] pins)
    {
        using var other = new ServerKey();
        return new EnrollReply(EdgeId.New().ToString(), "north", "cred-" + Guid.NewGuid().ToString("N"), pins.Length > 0 ? [.. pins.Select(pin => pin.Text)] : [other.Pin.Text]);
    }

    public EnrollUri Line(string code = "c0de") => new("127.0.0.1", Port, Key.Pin, code);

    /// <summary>The last report of a plan, put together from its parts; null before there is one that is whole.</summary>
    public IReadOnlyDictionary<RuleId, ReportedRule>? Reported(PlanMessage plan)
    {
        var rules = new Dictionary<RuleId, ReportedRule>();
        var isWhole = false;
        foreach (var report in Reports.Where(report => report.Revision == plan.Revision))
        {
            isWhole |= report.IsLast;
            foreach (var rule in report.Rules)
            {
                rules[rule.Rule] = rule;
            }
        }

        return isWhole ? rules : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }

    private Task AdmitAsync(HttpContext request, RequestDelegate next)
    {
        if (request.Request.Path != LinkRoutes.Hub)
        {
            return next(request);
        }

        _requests.Enqueue(new HubRequest($"{request.Request.Headers.Authorization}", $"{request.Request.Headers[LinkRoutes.InstanceHeader]}"));
        if (HubStatus == 0)
        {
            return next(request);
        }

        request.Response.StatusCode = HubStatus;
        return Task.CompletedTask;
    }

    /// <summary>A request for the hub.</summary>
    internal sealed record HubRequest(string Authorization, string Instance);

    /// <summary>Takes down what it is told.</summary>
    internal sealed class StandInHub(LinkServer server) : Hub<IEdgeClient>, IEdgeHub
    {
        public Task<EdgeWelcome> Hello(EdgeHello hello)
        {
            server._hellos.Enqueue(hello);
            server.Greeted?.Invoke(hello);
            return Task.FromResult(server.Welcoming?.Invoke(hello) ?? new EdgeWelcome
            {
                LinkVersion = LinkVersion.Current,
                Version = "9.9.9",
                EdgeName = "north",
                Durable = [],
                Pins = [server.Key.Pin.Text],
            });
        }

        public Task ReportPlan(PlanReport report)
        {
            server._reports.Enqueue(report);
            server.Reporting?.Invoke(report);
            return Task.CompletedTask;
        }

        public Task ReportSamples(SampleBatch batch)
        {
            server._batches.Enqueue(batch);
            return Task.CompletedTask;
        }

        public Task PinsKept(IReadOnlyList<string> pins)
        {
            server._pins.Enqueue(pins);
            return Task.CompletedTask;
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Security.Authentication;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;

namespace Portunus.Tests.Kit;

/// <summary>The control plane's end of the link as far as a test of the edge needs one: it answers what the test says and keeps what it was sent.</summary>
internal sealed class LinkServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<EnrollRequest> _enrollments = new();
    private int _connections;

    private LinkServer(ServerKey key, int port, SslProtocols protocols)
    {
        Key = key;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
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
        _app.MapPost(LinkRoutes.Enroll, async request =>
        {
            _enrollments.Enqueue((await JsonSerializer.DeserializeAsync(request.Request.Body, LinkJson.Default.EnrollRequest))!);
            await Enrolling(request);
        });
    }

    public ServerKey Key { get; }

    public int Port { get; private set; }

    /// <summary>What it answers to a code; a reply that is good at first.</summary>
    public Func<HttpContext, Task> Enrolling { get; set; } = request => request.Response.WriteAsJsonAsync(Reply(), LinkJson.Default.EnrollReply);

    /// <summary>What came with each try to enrol.</summary>
    public IReadOnlyList<EnrollRequest> Enrollments => [.. _enrollments];

    /// <summary>Connections of TCP so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

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

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
        Key.Dispose();
    }
}

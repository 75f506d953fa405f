using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Portunus.Shared.Link;
using Portunus.Web.Accounts;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Dashboard;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Grants;
using Portunus.Web.Link;
using Portunus.Web.Live;
using Portunus.Web.Maintenance;
using Portunus.Web.Options;
using Portunus.Web.Outcomes;
using Portunus.Web.Plans;
using Portunus.Web.Rules;
using Portunus.Web.Scrape;
using Portunus.Web.Settings;
using Portunus.Web.Traffic;

namespace Portunus.Web.Shell;

/// <summary>The control plane put together: one line a room, listeners, and what surrounds every request.</summary>
internal static class WebServer
{
    public static WebApplication Build(WebOptions options, DataDirectory directory, AccountsOptions accounts, ShellOptions shell, TimeProvider clock, TextWriter log)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "portunus-web" });
        builder.Configuration.Sources.Clear();
        builder.Logging.UsePortunusLog(options.LogLevel, options.LogFormat, log);
        AddRooms(builder.Services, options, directory, accounts, clock);
        AddShell(builder, options, shell, directory);
        var app = builder.Build();
        // Before anything is served: a key that cannot be read is told now and not to the first edge.
        _ = app.Services.GetRequiredService<LinkKeys>();
        UseShell(app, shell);
        Map(app);
        return app;
    }

    /// <summary>Every room's Readers and Writers: what the server runs on, and a command line that takes its place.</summary>
    public static void AddRooms(IServiceCollection services, WebOptions options, DataDirectory directory, AccountsOptions accounts, TimeProvider clock)
    {
        services.AddSingleton(clock);
        services.AddSingleton(options);
        services.AddLive();
        services.AddDatabase(directory);
        services.AddAudit(new AuditRetentionOptions(options.AuditRetentionDays));
        services.AddAccounts(accounts);
        services.AddGrants();
        services.AddEdges(new EdgesOptions(options.AdvertisedAddress));
        services.AddTraffic();
        services.AddPlans();
        services.AddRules();
        services.AddSettings(new SettingsOptions(options.AdvertisedAddress, options.AuditRetentionDays));
        services.AddLink(new LinkListenOptions(options.LinkListen));
        services.AddDashboard();
        services.AddScrape(options.MetricsListen);
        services.AddMaintenance([.. new[] { options.AdminTlsCert, options.AdminTlsKey }.OfType<string>()]);
    }

    public static AccountsOptions Accounts(WebOptions options) => new() { IsHttps = options.IsHttps };

    public static ShellOptions Shell(WebOptions options) => new()
    {
        IsHttps = options.IsHttps,
        PublicOrigin = options.AdminPublicOrigin,
        TrustedProxies = options.TrustedProxies,
    };

    private static void Map(WebApplication app)
    {
        app.MapHealth();
        app.MapControl();
        app.MapBackup();
        app.MapLink();
        var v1 = app.MapGroup("/v1").WithStrictQuery();
        v1.MapAuth();
        v1.MapMe();
        v1.MapAccounts();
        v1.MapGrants();
        v1.MapEdges();
        v1.MapRules();
        v1.MapSettings();
        v1.MapAudit();
        v1.MapLinkApi();
        v1.MapTraffic();
        v1.MapMetricsOfApi();
        app.MapMetrics();
        app.MapApiDocument();
    }

    private static void AddShell(WebApplicationBuilder builder, WebOptions options, ShellOptions shell, DataDirectory directory)
    {
        var services = builder.Services;
        services.AddSingleton(shell);
        services.AddApiDocument();
        services.ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        services.Configure<RouteOptions>(routes => routes.ConstraintMap["id"] = typeof(IdConstraint));
        var certificate = options is { AdminTlsCert: { } certFile, AdminTlsKey: { } keyFile } ? new AdminCertificate(certFile, keyFile) : null;
        if (certificate is not null)
        {
            services.AddSingleton(certificate);
            services.AddHostedService<AdminCertificateWatch>();
        }

        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(10));
        services.AddRateLimiter(limits =>
        {
            limits.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, string>(http => Bucket(ActorSource.NetworkOf(ActorSource.RemoteAddress(http)), shell.Rate)),
                PartitionedRateLimiter.Create<HttpContext, string>(http => HttpMethods.IsPost(http.Request.Method) && IsTry(http.Request.Path)
                    ? Bucket(ActorSource.NetworkOf(ActorSource.RemoteAddress(http)), shell.TryRate)
                    : RateLimitPartition.GetNoLimiter("")));
            limits.OnRejected = (rejected, _) => new ValueTask(ApiProblems.WriteAsync(rejected.HttpContext, s_tooMany));
        });
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = shell.MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = 5000;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Listen(options.AdminListen, listen =>
            {
                Mark(listen, ListenerKind.Admin);
                if (certificate is not null)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.ForConnection) });
                }
            });
            kestrel.Listen(options.LinkListen, listen =>
            {
                Mark(listen, ListenerKind.Link);
                kestrel.ApplicationServices.GetRequiredService<LinkListener>().Use(listen);
            });
            kestrel.Listen(options.MetricsListen, listen =>
            {
                Mark(listen, ListenerKind.Metrics);
                kestrel.ApplicationServices.GetRequiredService<MetricsListener>().Use(listen);
            });
            // Left over from a process that was killed: the lock says that nobody listens there any more.
            File.Delete(directory.ControlSocket);
            kestrel.ListenUnixSocket(directory.ControlSocket, listen => Mark(listen, ListenerKind.Control));
        });
    }

    /// <summary>Where strangers show a secret, and each leaves an entry in the audit log.</summary>
    private static bool IsTry(PathString path) =>
        path.StartsWithSegments("/v1/auth", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(LinkRoutes.Enroll, StringComparison.OrdinalIgnoreCase);

    private static readonly Problem s_tooMany = new("rate_limited", "", "Too many requests come from this address.", ProblemKind.TooMany) { RetryAfter = TimeSpan.FromSeconds(1) };

    private static RateLimitPartition<string> Bucket(string address, (int PerSecond, int AtOnce) rate) => RateLimitPartition.GetTokenBucketLimiter(
        address,
        _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = rate.AtOnce,
            TokensPerPeriod = Math.Max(1, rate.PerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            AutoReplenishment = true,
        });

    private static void UseShell(WebApplication app, ShellOptions shell)
    {
        app.UseMiddleware<RequestShell>();
        app.UseMiddleware<HeadRequests>();
        if (shell.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in shell.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }

            // Elsewhere there is no proxy: a header on the control socket would be the caller's own word.
            app.UseWhen(static http => ListenerMark.Of(http) == ListenerKind.Admin, admin => admin.UseForwardedHeaders(forwarded));
        }

        app.UseRateLimiter();
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<RequestGate>();
        app.UseAuthorization();
    }

    private static void Mark(ListenOptions listen, ListenerKind kind) => listen.Use(next => connection =>
    {
        connection.Features.Set(new ListenerMark(kind));
        return next(connection);
    });
}

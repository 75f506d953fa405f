using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Edges;
using Portunus.Web.Grants;
using Portunus.Web.Plans;
using Portunus.Web.Rules;
using Portunus.Web.Settings;
using Portunus.Web.Traffic;

namespace Portunus.Tests.Kit;

/// <summary>The rooms of rules, grants, edges and settings over real HTTP, with accounts that are taken at their word: a bearer is a name.</summary>
internal sealed class RoomHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RoomHost(WebApplication app, TempDb store)
    {
        (_app, Store) = (app, store);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public TempDb Store { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public IEnumerable<RouteEndpoint> Routes => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>();

    /// <param name="sender">Who takes plans to edges; null where no edge is there.</param>
    public static async Task<RoomHost> StartAsync(IPlanSender? sender = null)
    {
        var store = new TempDb();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IDbContextFactory<PortunusDb>>(store)
            .AddSingleton(store.Lane)
            .AddSingleton(store.Feed)
            .AddSingleton<AuditTrail>()
            .AddTraffic().AddGrants().AddSingleton<ILinkEnd, SampleLinkEnd>().AddEdges(new EdgesOptions(null)).AddPlans().AddRules().AddSettings(new SettingsOptions(null, 365))
            .Configure<RouteOptions>(routes => routes.ConstraintMap["id"] = typeof(Portunus.Web.Shell.IdConstraint))
            .ConfigureHttpJsonOptions(json => ApiJson.Configure(json.SerializerOptions));
        if (sender is not null)
        {
            builder.Services.AddSingleton(sender);
        }

        var app = builder.Build();
        app.Use(async (http, next) =>
        {
            await using var db = store.CreateDbContext();
            var name = http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
            if (await db.Accounts.SingleOrDefaultAsync(account => account.UserName == name) is { } account)
            {
                http.Features.Set(account.AsActor());
            }

            await next();
        });
        var v1 = app.MapGroup("/v1").WithStrictQuery();
        v1.MapGrants();
        v1.MapEdges();
        v1.MapRules();
        v1.MapSettings();
        await app.StartAsync();
        return new RoomHost(app, store);
    }

    /// <summary>Sends a request as an account, with its body as JSON text.</summary>
    public async Task<Answer> SendAsync(Account actor, string method, string path, string? body = null, string? ifMatch = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new("Bearer", actor.UserName);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, type);
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new Answer((int)response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text), response.Headers.ETag?.Tag, response.Headers.Location?.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        Store.Dispose();
    }

    /// <summary>What came back.</summary>
    internal sealed record Answer(int Status, JsonElement Body, string? ETag, string? Location)
    {
        public string this[string field] => Body.GetProperty(field) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : Body.GetProperty(field).GetRawText();

        /// <summary>Codes and fields of a refusal, in order.</summary>
        public string Errors => string.Join(", ", Body.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("code")} {error.GetProperty("field")}").Order());

        public IEnumerable<string> Items(string field) => Body.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(field).ToString());
    }
}

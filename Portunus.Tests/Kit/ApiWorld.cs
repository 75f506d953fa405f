using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Portunus.Tests.Kit;

/// <summary>
/// A control plane with somebody of each role and two tenants who have one of everything: what the refusals of all routes are tried on.
/// Every operation of the document has its row here; one without is a test that fails.
/// </summary>
internal sealed class ApiWorld : IAsyncDisposable
{
    /// <summary>Small, so that a body beyond it is sent at once.</summary>
    public const int MaxBody = 16 * 1024;

    private readonly Dictionary<string, string> _own = [];
    private readonly Dictionary<string, string> _foreign = [];

    private ApiWorld(RunningWeb web, ApiBook book) => (Web, Book) = (web, book);

    public RunningWeb Web { get; }

    public ApiBook Book { get; }

    public WebCaller Root { get; private set; } = null!;

    public WebCaller RootBrowser { get; private set; } = null!;

    public WebCaller RootReading { get; private set; } = null!;

    public WebCaller Auditor { get; private set; } = null!;

    public WebCaller Ann { get; private set; } = null!;

    public static async Task<ApiWorld> StartAsync()
    {
        var web = await RunningWeb.StartAsync(tweakShell: shell => shell with { MaxBodyBytes = MaxBody });
        var world = new ApiWorld(web, await ApiBook.ReadAsync(web));
        await world.FillAsync();
        return world;
    }

    /// <summary>A body that the operation takes, or null for one without. An operation without a row fails.</summary>
    public string? Sound(ApiOperation operation) => operation.Id switch
    {
        "setUp" => """{"setup_token":"none","name":"again","password":"quiet rivers bend slowly"}""",
        "signIn" => """{"name":"nobody","password":"quiet rivers bend slowly"}""",
        "changePassword" => """{"current_password":"wrong wrong wrong","new_password":"quiet rivers bend slowly"}""",
        "createOwnToken" => """{"name":"more","scope":"read"}""",
        "startSecondFactor" or "removeSecondFactor" or "renewRecoveryCodes" => """{"password":"wrong wrong wrong"}""",
        "confirmSecondFactor" => """{"code":"000000"}""",
        "createAccount" => """{"name":"carol","role":"user","password":"quiet rivers bend slowly"}""",
        "changeAccount" => """{"display_name":"Other"}""",
        "resetPassword" => """{"password":"quiet rivers bend slowly"}""",
        "createGrant" => $$"""{"account":"{{_own["account"]}}","edge":"all","ports":"7000-7001","protocols":["tcp"]}""",
        "changeGrant" => """{"note":"other"}""",
        "createEdge" => """{"name":"third","note":"n"}""",
        "changeEdge" => """{"note":"other"}""",
        "createEnrolment" => """{"minutes":5}""",
        "setOwnerLimits" => """{"concurrent_flows":7}""",
        "createRule" => $$"""
            {"edge":"{{_own["edge"]}}","name":"more","listen_port":8100,"targets":[{"host":"a.example","port":80,"priority":1,"weight":2}],
             "limits":{"concurrent_flows":5},"allow":["10.0.0.0/8"],"note":"n"}
            """,
        "changeRule" => """{"note":"other"}""",
        "cloneRule" => """{"name":"twin","listen_port":8101}""",
        "bulkRules" => $$"""{"action":"disable","ids":["{{_own["rule"]}}"]}""",
        "rotateLinkKey" => """{"wait_minutes":0}""",
        "changeSettings" => """{"advertised_address":"edges.example:7443"}""",
        _ => operation.BodyType is null ? null : throw new InvalidOperationException($"{operation.Id} has no row: say here what it takes"),
    };

    /// <summary>Its path with ids of things that the tenant Ann owns, or that are about Ann.</summary>
    public string Own(ApiOperation operation) => Fill(operation, _own);

    /// <summary>Its path with ids of things that another tenant owns.</summary>
    public string Foreign(ApiOperation operation) => Fill(operation, _foreign);

    /// <summary>Its path with ids that nobody ever made.</summary>
    public static string Unknown(ApiOperation operation) => operation.In("path").Aggregate(
        operation.Path, (path, name) => path.Replace($"{{{name}}}", Guid.CreateVersion7().ToString("D"), StringComparison.Ordinal));

    /// <summary>Sends it as somebody who does everything else right.</summary>
    public Task<WebAnswer> CallAsync(WebCaller caller, ApiOperation operation, string? path = null, object? body = null) =>
        caller.SendAsync(operation.Method, path ?? Own(operation), body ?? Sound(operation));

    /// <summary>Everything stored that a request could change, in one line; the audit log and times of last use are not part of it.</summary>
    public async Task<string> PictureAsync()
    {
        await using var db = Web.OpenDb();
        var parts = new object[]
        {
            await db.Accounts.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.UserName, row.DisplayName, row.Role, row.Disabled, row.Revision, row.PasswordHash, row.SecurityStamp }).ToListAsync(),
            await db.ApiTokens.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.Name, row.Scope, row.ExpiresAt }).ToListAsync(),
            await db.SignIns.AsNoTracking().OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(),
            await db.Grants.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.Revision }).ToListAsync(),
            await db.Edges.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.Revision, row.RevokedAt }).ToListAsync(),
            await db.EdgeRevisions.AsNoTracking().OrderBy(row => row.EdgeId).ToListAsync(),
            await db.EnrollCodes.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.CancelledAt }).ToListAsync(),
            await db.OwnerLimits.AsNoTracking().OrderBy(row => row.EdgeId).ThenBy(row => row.AccountId).Select(row => new { row.EdgeId, row.AccountId, row.Revision }).ToListAsync(),
            await db.Rules.AsNoTracking().OrderBy(row => row.Id).Select(row => new { row.Id, row.Revision, row.Enabled }).ToListAsync(),
            await db.Settings.AsNoTracking().OrderBy(row => row.Key).Select(row => new { row.Key, row.Value }).ToListAsync(),
        };
        return string.Join('\n', parts.Select(part => JsonSerializer.Serialize(part)));
    }

    /// <summary>Outcomes in the audit log of one request.</summary>
    public async Task<IReadOnlyList<string>> AuditedAsync(WebAnswer answer)
    {
        var entries = await Root.GetAsync($"/v1/audit?request_id={answer.Header("X-Request-Id")}");
        return [.. entries.Body.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("outcome").GetString()!)];
    }

    public async ValueTask DisposeAsync() => await Web.DisposeAsync();

    private static string Fill(ApiOperation operation, Dictionary<string, string> ids)
    {
        var path = operation.Path;
        foreach (var name in operation.In("path"))
        {
            var what = (operation.Path.Split('/')[2], operation.Path.Split('/')[3], name) switch
            {
                ("accounts", _, "id") => "account",
                ("me", "tokens", "id") => "token",
                ("me", "sessions", "id") => "session",
                _ => name,
            };
            path = path.Replace($"{{{name}}}", ids[what], StringComparison.Ordinal);
        }

        return path;
    }

    private async Task FillAsync()
    {
        Root = await Web.SuperadminAsync();
        RootBrowser = await Web.SignInAsync("root");
        RootReading = await Web.TokenAsync(RootBrowser, "read");
        Auditor = await Web.AccountAsync(Root, "watcher", "auditor");
        var edge = await MadeAsync(Root, "/v1/edges", new { name = "first" });
        var far = await MadeAsync(Root, "/v1/edges", new { name = "far" });
        Ann = await TenantAsync("ann", edge, "8000-8999", 8080, _own);
        await TenantAsync("bob", far, "9000-9099", 9090, _foreign);
    }

    private async Task<WebCaller> TenantAsync(string name, string edge, string ports, int port, Dictionary<string, string> ids)
    {
        var browser = await Web.BrowserAsync(Root, name);
        var caller = await Web.TokenAsync(browser);
        ids["edge"] = edge;
        ids["account"] = (await caller.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString()!;
        ids["grant"] = await MadeAsync(Root, "/v1/grants", new { account = ids["account"], edge, ports, protocols = new[] { "tcp", "udp" } }, "grant");
        ids["rule"] = await MadeAsync(caller, "/v1/rules", new { edge, name = "own", listen_port = port, target = "a.example:80" });
        ids["token"] = (await caller.GetAsync("/v1/me/tokens")).Body.GetProperty("items")[0].GetProperty("id").GetString()!;
        ids["session"] = (await caller.GetAsync("/v1/me/sessions")).Body.GetProperty("items")[0].GetProperty("id").GetString()!;
        ids["enrolment"] = await MadeAsync(Root, $"/v1/edges/{edge}/enrolments", new { minutes = 60 });
        var limits = await Root.PutAsync($"/v1/edges/{edge}/owners/{ids["account"]}/limits", new { concurrent_flows = 100 });
        Assert.True(limits.Status == 200, limits.Text);
        return caller;
    }

    private static async Task<string> MadeAsync(WebCaller caller, string path, object body, string? inside = null)
    {
        var made = await caller.PostAsync(path, body);
        Assert.True(made.Status == 201, made.Text);
        var what = inside is null ? made.Body : made.Body.GetProperty(inside);
        return what.GetProperty("id").GetString()!;
    }
}

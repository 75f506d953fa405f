using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Rules;

/// <summary>An account that is back, or is what it was, does not get back ports that somebody else has by now.</summary>
public sealed class ComingBackTests : IAsyncLifetime
{
    private RunningWeb _web = null!;
    private WebCaller _root = null!;
    private WebCaller _tenant = null!;
    private string _edge = "";

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _root = await _web.SuperadminAsync();
        _edge = Made(await _root.PostAsync("/v1/edges", new { name = "first" }));
        _tenant = await _web.AccountAsync(_root, "tenant");
        await GrantAsync(_tenant);
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Theory]
    [InlineData("user")]
    [InlineData("auditor")]
    public async Task SuperadminDemotedAndPromotedAgain_LosesWhatWasTakenMeanwhile(string role)
    {
        var second = await _web.AccountAsync(_root, "second", "superadmin");
        var taken = await RuleAsync(second, 8080);
        var free = await RuleAsync(second, 8081);
        var path = await PathAsync(second);
        Assert.Equal(200, (await _root.PatchAsync(path, new { role })).Status);
        Assert.Equal("not_permitted", await DesiredAsync(taken));
        var others = await RuleAsync(_tenant, 8080);

        var promoted = await _root.PatchAsync(path, new { role = "superadmin" });

        Assert.Equal(200, promoted.Status);
        Assert.Equal(("disabled", "enabled", "enabled"), (await DesiredAsync(taken), await DesiredAsync(free), await DesiredAsync(others)));
        var audit = await _root.GetAsync($"/v1/audit?request_id={promoted.Header("X-Request-Id")}&action=rule.*");
        var told = Assert.Single(audit.Body.GetProperty("items").EnumerateArray());
        Assert.Equal(("rule.disable", taken), (told.GetProperty("action").GetString(), told.GetProperty("subject").GetProperty("id").GetString()));
        Assert.Equal((409, "port_collision"), await _root.PatchAsync($"/v1/rules/{taken}", new { enabled = true }) is var again ? (again.Status, again.Errors[0].Code) : default);
    }

    [Fact]
    public async Task AuditorMadeATenantAgain_LosesWhatWasTakenMeanwhile()
    {
        var taken = await RuleAsync(_tenant, 8080);
        var path = await PathAsync(_tenant);
        Assert.Equal(200, (await _root.PatchAsync(path, new { role = "auditor" })).Status);
        var others = await RuleAsync(_root, 8080);
        Assert.Equal(200, (await _root.PatchAsync(path, new { role = "user" })).Status);
        Assert.Equal(("disabled", "enabled"), (await DesiredAsync(taken), await DesiredAsync(others)));
    }

    [Fact]
    public async Task DisabledOwner_KeepsItsPortsUntilItIsBack()
    {
        var rule = await RuleAsync(_tenant, 8080);
        var path = await PathAsync(_tenant);
        Assert.Equal(200, (await _root.PatchAsync(path, new { disabled = true })).Status);
        Assert.Equal("not_permitted", await DesiredAsync(rule));
        Assert.Equal((409, "port_collision"), await PostAsync(_root, 8080) is var refused ? (refused.Status, refused.Errors[0].Code) : default);
        Assert.Equal(200, (await _root.PatchAsync(path, new { disabled = false })).Status);
        Assert.Equal("enabled", await DesiredAsync(rule));
    }

    [Fact]
    public async Task RoleLostAndFoundWhileDisabled_LosesWhatWasTakenMeanwhile()
    {
        var second = await _web.AccountAsync(_root, "second", "superadmin");
        var taken = await RuleAsync(second, 8080);
        var path = await PathAsync(second);
        Assert.Equal(200, (await _root.PatchAsync(path, new { role = "user", disabled = true })).Status);
        var others = await RuleAsync(_tenant, 8080);
        Assert.Equal(200, (await _root.PatchAsync(path, new { role = "superadmin" })).Status);
        Assert.Equal(200, (await _root.PatchAsync(path, new { disabled = false })).Status);
        Assert.Equal(("disabled", "enabled"), (await DesiredAsync(taken), await DesiredAsync(others)));
    }

    private async Task GrantAsync(WebCaller caller)
    {
        var account = (await caller.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString();
        Assert.Equal(201, (await _root.PostAsync("/v1/grants", new { account, edge = _edge, ports = "8000-8999", protocols = new[] { "tcp" } })).Status);
    }

    private Task<WebAnswer> PostAsync(WebCaller caller, int port) => caller.PostAsync("/v1/rules", new { edge = _edge, listen_port = port, target = "a.example:80" });

    private async Task<string> RuleAsync(WebCaller caller, int port) => Made(await PostAsync(caller, port));

    private async Task<string> DesiredAsync(string rule) => (await _root.GetAsync($"/v1/rules/{rule}")).Body.GetProperty("status").GetProperty("desired").GetProperty("state").GetString()!;

    private static async Task<string> PathAsync(WebCaller caller) => $"/v1/accounts/{(await caller.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString()}";

    private static string Made(WebAnswer made)
    {
        Assert.True(made.Status == 201, made.Text);
        return made["id"];
    }
}

using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;
using Portunus.Web.Api;
using Portunus.Web.Database.Tables;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Grants;

/// <summary>Grants, edges and settings as callers see them.</summary>
public sealed class GrantApiTests : IAsyncLifetime
{
    private RoomHost _host = null!;
    private EdgeRow _edge = null!;
    private Account _root = null!;
    private Account _tenant = null!;
    private Account _auditor = null!;

    public async Task InitializeAsync()
    {
        _host = await RoomHost.StartAsync();
        _edge = await _host.Store.AddEdgeAsync("first");
        _root = await _host.Store.AddAccountAsync("root", AccountRole.Superadmin);
        _tenant = await _host.Store.AddAccountAsync("tenant");
        _auditor = await _host.Store.AddAccountAsync("auditor", AccountRole.Auditor);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Grant_LivesFromPostToDelete()
    {
        var made = await _host.SendAsync(_root, "POST", "/v1/grants", $$"""{"account":"{{_tenant.Id}}","edge":"{{_edge.Id}}","ports":"8000-8999","protocols":["tcp"]}""");
        var path = made.Location!;
        Assert.Equal((201, "\"1\"", "[]"), (made.Status, made.ETag, made["rules_stopped"]));
        await _host.Store.AddRuleAsync(_edge, _tenant, new RuleSpec { Name = "web", ListenPort = 8080, Target = "192.0.2.1:80" });

        var trial = await _host.SendAsync(_root, "PATCH", path + "?dry_run=true", """{"ports":"9000"}""", "\"1\"");
        Assert.Equal((200, "web"), (trial.Status, trial.Body.GetProperty("rules_stopped")[0].GetProperty("name").GetString()));
        Assert.Equal("8000-8999", (await _host.SendAsync(_tenant, "GET", path))["ports"]);
        Assert.Equal("2", (await _host.SendAsync(_root, "PATCH", path, """{"note":"n"}""", "\"1\"")).Body.GetProperty("grant").GetProperty("revision").GetRawText());
        Assert.Equal(412, (await _host.SendAsync(_root, "DELETE", path, ifMatch: "\"1\"")).Status);
        Assert.Equal(200, (await _host.SendAsync(_root, "DELETE", path + "?dry_run=true")).Status);
        var gone = await _host.SendAsync(_root, "DELETE", path);
        Assert.Equal((200, "null", 1), (gone.Status, gone["grant"], gone.Body.GetProperty("rules_stopped").GetArrayLength()));
        Assert.Equal(404, (await _host.SendAsync(_root, "GET", path)).Status);
    }

    [Fact]
    public async Task WrongGrant_IsToldFieldByField()
    {
        Assert.Equal("account_missing account, edge_missing edge, ports_missing ports, protocols_missing protocols", (await _host.SendAsync(_root, "POST", "/v1/grants", "{}")).Errors);
        Assert.Equal("unknown_field port, wrong_type protocols", (await _host.SendAsync(_root, "POST", "/v1/grants", """{"port":1,"protocols":"tcp"}""")).Errors);
        Assert.Equal("account_malformed account, edge_malformed edge", (await _host.SendAsync(_root, "GET", "/v1/grants?account=x&edge=y")).Errors);
    }

    [Fact]
    public async Task Edge_LivesFromPostToDelete()
    {
        var made = await _host.SendAsync(_root, "POST", "/v1/edges", """{"name":"Oslo","public_address":"oslo.example.org"}""");
        var path = made.Location!;
        Assert.Equal((201, "not_enrolled", "1"), (made.Status, made["standing"], made.Body.GetProperty("plan").GetProperty("wanted").GetRawText()));
        Assert.Equal("Bergen", (await _host.SendAsync(_root, "PATCH", path, """{"name":"Bergen","public_address":null}""", "\"1\""))["name"]);

        var code = await _host.SendAsync(_root, "POST", path + "/enrolments", """{"minutes":60}""");
        Assert.Equal((201, 43), (code.Status, code["code"].Length));
        var codes = await _host.SendAsync(_auditor, "GET", path + "/enrolments");
        Assert.Equal(["open"], codes.Items("standing"));
        Assert.DoesNotContain(code["code"], codes.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(204, (await _host.SendAsync(_root, "DELETE", code.Location!)).Status);
        Assert.Equal("out_of_range minutes", (await _host.SendAsync(_root, "POST", path + "/enrolments", """{"minutes":1441}""")).Errors);

        var limits = $"{path}/owners/{_tenant.Id}/limits";
        Assert.Equal((200, "\"1\""), (await _host.SendAsync(_root, "PUT", limits, """{"concurrent_flows":5}""") is var set ? set.Status : 0, set.ETag));
        Assert.Equal("limit_zero concurrent_flows", (await _host.SendAsync(_root, "PUT", limits, """{"concurrent_flows":0}""")).Errors);
        Assert.Equal([_tenant.Id.ToString()], (await _host.SendAsync(_auditor, "GET", path + "/owners")).Items("account"));
        Assert.Equal(204, (await _host.SendAsync(_root, "DELETE", limits)).Status);

        Assert.Equal("revoked", (await _host.SendAsync(_root, "POST", path + "/revoke"))["standing"]);
        Assert.Equal("Bergen", (await _host.SendAsync(_root, "DELETE", path + "?dry_run=true"))["name"]);
        Assert.Equal(200, (await _host.SendAsync(_root, "DELETE", path)).Status);
        Assert.Equal(404, (await _host.SendAsync(_root, "GET", path)).Status);
    }

    [Fact]
    public async Task Settings_AreReadAndChanged()
    {
        var read = await _host.SendAsync(_auditor, "GET", "/v1/settings");
        Assert.Equal((200, "\"0\"", "request"), (read.Status, read.ETag, read["advertised_address_source"]));
        Assert.Equal("host.example:1", (await _host.SendAsync(_root, "PATCH", "/v1/settings", """{"advertised_address":"host.example:1"}""", "\"0\""))["advertised_address_effective"]);
        Assert.Equal("advertised_address_malformed advertised_address", (await _host.SendAsync(_root, "PATCH", "/v1/settings", """{"advertised_address":"x"}""", "*")).Errors);
    }

    /// <summary>Every route of these rooms with every role that may not use it; a new route without its facts fails here.</summary>
    [Fact]
    public async Task EveryRoute_RefusesWhoMayNotUseIt()
    {
        var count = 0;
        foreach (var route in _host.Routes)
        {
            var facts = route.Metadata.GetMetadata<RouteFacts>();
            Assert.True(facts is not null, $"{route.RoutePattern.RawText} is not described");
            var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods[0];
            var path = "/" + route.RoutePattern.RawText!.Trim('/').Replace("{edge:id}", _edge.Id.ToString(), StringComparison.Ordinal).Replace("{account:id}", _tenant.Id.ToString(), StringComparison.Ordinal);
            path = Regex.Replace(path, @"\{\w+:id\}", _ => Guid.CreateVersion7().ToString());
            Account[] barred = facts.Access switch { RouteAccess.Superadmin => [_tenant, _auditor], RouteAccess.Overseers => [_tenant], _ => [] };
            foreach (var actor in barred)
            {
                var answer = await _host.SendAsync(actor, method, path, method is "GET" or "DELETE" ? null : "{}", "*");
                Assert.True(answer.Status == 403 && answer["code"] == "role_required", $"{actor.UserName} {method} {path}: {answer.Status} {answer.Body}");
                count++;
            }

            Assert.Equal(method == "GET" ? "read" : "write", facts.Scope);
        }

        Assert.InRange(count, 27, 100);
    }
}

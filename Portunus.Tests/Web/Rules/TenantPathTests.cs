using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Rules;

/// <summary>A tenant from first grant to departure, over the served API.</summary>
public sealed class TenantPathTests
{
    [Fact]
    public async Task Tenant_ComesWorksAndGoes()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var tenant = await web.AccountAsync(root, "tenant");
        var account = (await tenant.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString();
        var edge = (await root.PostAsync("/v1/edges", new { name = "Oslo" }))["id"];
        var rule = new { edge, name = "web", listen_port = 8080, target = "192.0.2.1:80" };

        Assert.Equal((404, "edge_not_found"), await ShortAsync(tenant.PostAsync("/v1/rules", rule)));
        Assert.Equal(201, (await root.PostAsync("/v1/grants", new { account, edge, ports = "8000-8999", protocols = new[] { "tcp" } })).Status);
        var made = await tenant.PostAsync("/v1/rules", rule);
        Assert.Equal((201, "\"1\""), (made.Status, made.ETag));
        Assert.Equal((403, "role_required"), await ShortAsync(tenant.PostAsync("/v1/edges", new { name = "mine" })));
        Assert.Equal(401, (await web.Nobody.GetAsync("/v1/rules")).Status);

        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{account}", new { disabled = true })).Status);
        Assert.Equal(401, (await tenant.GetAsync("/v1/rules")).Status);
        Assert.Equal("not_permitted", (await root.GetAsync($"/v1/rules/{made["id"]}")).Body.GetProperty("status").GetProperty("desired").GetProperty("state").GetString());
        Assert.Equal("3", (await root.GetAsync($"/v1/edges/{edge}")).Body.GetProperty("plan").GetProperty("wanted").GetRawText());

        Assert.Equal(200, (await root.DeleteAsync($"/v1/accounts/{account}", "*")).Status);
        Assert.Equal(404, (await root.GetAsync($"/v1/rules/{made["id"]}")).Status);
        Assert.Equal(0, (await root.GetAsync("/v1/grants")).Body.GetProperty("items").GetArrayLength());
        Assert.Equal("4", (await root.GetAsync($"/v1/edges/{edge}")).Body.GetProperty("plan").GetProperty("wanted").GetRawText());
    }

    private static async Task<(int Status, string Code)> ShortAsync(Task<WebAnswer> answer) => (await answer).Status is var status ? (status, (await answer).Code) : default;
}

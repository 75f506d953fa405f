using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Accounts;

/// <summary>What superadmins do to accounts takes effect at once, for live sign-ins and tokens too, and the last superadmin stays.</summary>
public sealed class AccountTests
{
    [Fact]
    public async Task Disabled_IsOutAtOnceByCookieAndToken()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var browser = await web.BrowserAsync(root, "bob");
        var token = await web.TokenAsync(browser);
        var id = (await browser.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString();
        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{id}", new { disabled = true })).Status);
        Assert.Equal((401, 401), ((await browser.GetAsync("/v1/me")).Status, (await token.GetAsync("/v1/me")).Status));
        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{id}", new { disabled = false })).Status);
        Assert.Equal((401, 200), ((await browser.GetAsync("/v1/me")).Status, (await token.GetAsync("/v1/me")).Status));
    }

    [Fact]
    public async Task RoleTakenAway_CountsWithTheNextRequest()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var token = await web.AccountAsync(root, "ann", "superadmin");
        var id = (await token.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString();
        Assert.Equal(200, (await token.GetAsync("/v1/accounts")).Status);
        await root.PatchAsync($"/v1/accounts/{id}", new { role = "auditor" });
        Assert.Equal(200, (await token.GetAsync("/v1/accounts")).Status);
        var refused = await token.PostAsync("/v1/accounts", new { name = "eve" });
        Assert.Equal((403, "role_required"), (refused.Status, refused.Code));
        await root.PatchAsync($"/v1/accounts/{id}", new { role = "user" });
        Assert.Equal(403, (await token.GetAsync("/v1/accounts")).Status);
        Assert.Equal(403, (await token.GetAsync("/v1/audit")).Status);
    }

    [Fact]
    public async Task LastSuperadmin_CannotBeDisabledDemotedOrDeleted()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var ann = await web.AccountAsync(root, "ann", "superadmin");
        var (rootId, annId) = (await IdAsync(root), await IdAsync(ann));
        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{annId}", new { disabled = true })).Status);
        Assert.Equal("last_superadmin", (await root.PatchAsync($"/v1/accounts/{rootId}", new { disabled = true })).Code);
        Assert.Equal("last_superadmin", (await root.PatchAsync($"/v1/accounts/{rootId}", new { role = "user" })).Code);
        Assert.Equal("own_account", (await root.DeleteAsync($"/v1/accounts/{rootId}", "*")).Code);
        await root.PatchAsync($"/v1/accounts/{annId}", new { disabled = false });
        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{rootId}", new { role = "user" })).Status);
    }

    [Fact]
    public async Task TwoWhoDemoteEachOtherAtOnce_LeaveOne()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var ann = await web.AccountAsync(root, "ann", "superadmin");
        var (rootId, annId) = (await IdAsync(root), await IdAsync(ann));
        var answers = await Task.WhenAll(
            root.PatchAsync($"/v1/accounts/{annId}", new { role = "user" }), ann.PatchAsync($"/v1/accounts/{rootId}", new { role = "user" }));
        Assert.Single(answers, answer => answer.Status == 200);
        using var db = web.OpenDb();
        Assert.Single(db.Accounts.Where(account => account.Role == AccountRole.Superadmin).ToList());
    }

    [Fact]
    public async Task StaleRevision_IsRefusedAndAMissingOneIsAny()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var made = await root.PostAsync("/v1/accounts", new { name = "bob", password = RunningWeb.Password });
        var path = $"/v1/accounts/{made.Body.GetProperty("account").GetProperty("id")}";
        Assert.Equal("\"1\"", (await root.GetAsync(path)).ETag);
        Assert.Equal("\"2\"", (await root.PatchAsync(path, new { display_name = "Bob" }, "\"1\"")).ETag);
        var stale = await root.PatchAsync(path, new { display_name = "Rob" }, "\"1\"");
        Assert.Equal((412, "revision_stale"), (stale.Status, stale.Code));
        Assert.Equal(400, (await root.PatchAsync(path, new { display_name = "Rob" }, "soon")).Status);
        Assert.Equal((412, "revision_stale"), await root.DeleteAsync(path, "\"1\"") is var kept ? (kept.Status, kept.Code) : default);
        Assert.Equal((412, "revision_stale"), await root.DeleteAsync(path + "?dry_run=true", "\"1\"") is var asked ? (asked.Status, asked.Code) : default);
        Assert.Equal("Bob", (await root.GetAsync(path))["display_name"]);
        Assert.Equal("\"3\"", (await root.PatchAsync(path, new { display_name = "Rob" }, null)).ETag);
        Assert.Equal(200, (await root.DeleteAsync(path)).Status);
    }

    [Fact]
    public async Task Rename_KeepsIdTokensAndOtherFields()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var token = await web.AccountAsync(root, "bob");
        var id = await IdAsync(token);
        Assert.Equal(200, (await root.PatchAsync($"/v1/accounts/{id}", new { name = "robert" })).Status);
        Assert.Equal(id, await IdAsync(token));
        await web.SignInAsync("robert");
        Assert.Equal(409, (await root.PatchAsync($"/v1/accounts/{id}", new { name = "root" })).Status);
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task Deleted_IsOutAtOnceAndItsEntriesStay()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var token = await web.AccountAsync(root, "bob");
        var id = await IdAsync(token);
        Assert.Equal(200, (await root.DeleteAsync($"/v1/accounts/{id}?dry_run=true")).Status);
        Assert.Equal(200, (await token.GetAsync("/v1/me")).Status);
        Assert.Equal(200, (await root.DeleteAsync($"/v1/accounts/{id}", "*")).Status);
        Assert.Equal((401, 404), ((await token.GetAsync("/v1/me")).Status, (await root.GetAsync($"/v1/accounts/{id}")).Status));
        using var db = web.OpenDb();
        Assert.DoesNotContain(db.ApiTokens.ToList(), one => one.AccountId.ToString() == id);
        Assert.Contains(db.AuditEntries.ToList(), entry => entry.ActorName == "bob" && entry.Action == "token.create");
        Assert.Contains("\"name\":\"bob\"", db.AuditEntries.Single(entry => entry.Action == "account.delete").Before, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ChosenPassword_IsShownOnceAndMustBeChanged()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var temporary = (await root.PostAsync("/v1/accounts", new { name = "bob" }))["temporary_password"];
        var browser = await web.SignInAsync("bob", temporary);
        Assert.Equal(200, (await browser.GetAsync("/v1/me")).Status);
        foreach (var refused in new[] { await browser.GetAsync("/v1/me/tokens"), await browser.PostAsync("/v1/me/tokens", new { name = "x", scope = "read" }) })
        {
            Assert.Equal((403, "password_change_required"), (refused.Status, refused.Code));
        }

        Assert.Equal("validation_failed", (await browser.PutAsync("/v1/me/password", new { current_password = temporary, new_password = temporary })).Code);
        Assert.Equal([("password_wrong", "current_password")], (await browser.PutAsync("/v1/me/password", new { current_password = "no", new_password = RunningWeb.Password })).Errors);
        Assert.Equal(204, (await browser.PutAsync("/v1/me/password", new { current_password = temporary, new_password = RunningWeb.Password })).Status);
        Assert.Equal(200, (await browser.GetAsync("/v1/me/tokens")).Status);
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = temporary })).Status);
    }

    [Fact]
    public async Task PasswordChange_EndsEveryOtherSignIn()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var (mine, other) = (await web.SignInAsync("root"), await web.SignInAsync("root"));
        Assert.Equal(204, (await mine.PutAsync("/v1/me/password", new { current_password = RunningWeb.Password, new_password = "another set of words" })).Status);
        Assert.Equal((200, 401), ((await mine.GetAsync("/v1/me")).Status, (await other.GetAsync("/v1/me")).Status));
    }

    [Fact]
    public async Task PasswordReset_EndsSignInsAndTellsNobodyThePassword()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var browser = await web.BrowserAsync(root, "bob");
        var id = await IdAsync(browser);
        var temporary = (await root.PostAsync($"/v1/accounts/{id}/password"))["temporary_password"];
        Assert.Equal(401, (await browser.GetAsync("/v1/me")).Status);
        await web.SignInAsync("bob", temporary);
        using var db = web.OpenDb();
        Assert.DoesNotContain(db.AuditEntries.ToList(), entry => $"{entry.Before}{entry.After}".Contains(temporary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Auditor_ReadsEverythingAndChangesNothing()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var auditor = await web.AccountAsync(root, "ann", "auditor");
        var id = await IdAsync(root);
        Assert.Equal(200, (await auditor.GetAsync("/v1/accounts")).Status);
        Assert.Equal(200, (await auditor.GetAsync($"/v1/accounts/{id}/tokens")).Status);
        Assert.Equal(403, (await auditor.PatchAsync($"/v1/accounts/{id}", new { disabled = true })).Status);
        Assert.Equal(403, (await auditor.PostAsync($"/v1/accounts/{id}/password")).Status);
        Assert.Equal(403, (await auditor.DeleteAsync($"/v1/accounts/{id}", "*")).Status);
    }

    [Fact]
    public async Task Tenant_SeesNobodyElse()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var bob = await web.AccountAsync(root, "bob");
        var id = await IdAsync(root);
        Assert.Equal(200, (await bob.GetAsync($"/v1/accounts/{await IdAsync(bob)}")).Status);
        foreach (var path in new[] { $"/v1/accounts/{id}", $"/v1/accounts/{id}/tokens", "/v1/accounts/00000000-0000-7000-8000-000000000000" })
        {
            Assert.Equal((404, "account_not_found"), ((await bob.GetAsync(path)).Status, (await bob.GetAsync(path)).Code));
        }
    }

    [Fact]
    public async Task Accounts_AreFoundByPartOfTheirNamesAndPaged()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        foreach (var (name, display) in new[] { ("ann", "Ann One"), ("bob", "Bob 100%"), ("cyd", "Cyd_Two") })
        {
            await root.PostAsync("/v1/accounts", new { name, display_name = display });
        }

        async Task<string> NamesAsync(string query) => string.Join(',', (await root.GetAsync($"/v1/accounts?{query}")).Body.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("ann,bob,cyd,root", await NamesAsync(""));
        Assert.Equal("ann", await NamesAsync("search=ann%20o"));
        Assert.Equal("bob", await NamesAsync("search=%25"));
        Assert.Equal("cyd", await NamesAsync("search=_"));
        Assert.Equal("root", await NamesAsync("role=superadmin"));
        Assert.Equal("", await NamesAsync("disabled=true"));
        var first = (await root.GetAsync("/v1/accounts?limit=3"))["next"];
        Assert.Equal("root", await NamesAsync($"limit=3&cursor={first}"));
        Assert.Equal(422, (await root.GetAsync("/v1/accounts?role=king&disabled=maybe&limit=0")).Status);
    }

    internal static async Task<string> IdAsync(WebCaller caller) => (await caller.GetAsync("/v1/me")).Body.GetProperty("account").GetProperty("id").GetString()!;
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Accounts;

/// <summary>Tokens: shown once, kept as a hash, scoped, expiring, revoked at once, and never beaten by a cookie.</summary>
public sealed class TokenTests
{
    [Fact]
    public async Task ReadToken_ReadsAndChangesNothing()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var read = await web.TokenAsync(await web.SignInAsync("root"), "read");
        Assert.Equal("read", (await read.GetAsync("/v1/me"))["scope"]);
        Assert.Equal(200, (await read.GetAsync("/v1/accounts")).Status);
        var refused = await read.PostAsync("/v1/accounts", new { name = "eve" });
        Assert.Equal((403, "scope_required"), (refused.Status, refused.Code));
        Assert.Equal(403, (await read.PostAsync("/v1/me/tokens", new { name = "more", scope = "write" })).Status);
    }

    [Fact]
    public async Task Secret_IsNeitherListedNorKept()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        var secret = (await browser.PostAsync("/v1/me/tokens", new { name = "ci", scope = "read" }))["secret"];
        Assert.StartsWith("ptk_", secret, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await browser.GetAsync("/v1/me/tokens")).Text, StringComparison.Ordinal);
        foreach (var file in Directory.EnumerateFiles(web.DataDir, "portunus.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(secret, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RevokedToken_IsOutAtOnce()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var id = (await root.GetAsync("/v1/me/tokens")).Body.GetProperty("items")[0].GetProperty("id").GetString();
        var second = await web.TokenAsync(await web.SignInAsync("root"));
        Assert.Equal(204, (await second.DeleteAsync($"/v1/me/tokens/{id}")).Status);
        Assert.Equal((401, "token_invalid"), ((await root.GetAsync("/v1/me")).Status, (await root.GetAsync("/v1/me")).Code));
        Assert.Equal(404, (await second.DeleteAsync($"/v1/me/tokens/{id}")).Status);
    }

    [Fact]
    public async Task AnothersToken_IsNotThere()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var bob = await web.AccountAsync(root, "bob");
        var id = (await root.GetAsync("/v1/me/tokens")).Body.GetProperty("items")[0].GetProperty("id").GetString();
        Assert.Equal(404, (await bob.DeleteAsync($"/v1/me/tokens/{id}")).Status);
        Assert.Equal(404, (await bob.DeleteAsync($"/v1/accounts/{await AccountTests.IdAsync(root)}/tokens/{id}")).Status);
        Assert.Equal(200, (await root.GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task Expiry_EndsIt()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        var made = await browser.PostAsync("/v1/me/tokens", new { name = "short", scope = "write", expires_at = clock.GetUtcNow().AddHours(1) });
        var token = web.Nobody.WithToken(made["secret"]);
        var longer = await token.PostAsync("/v1/me/tokens", new { name = "long", scope = "read" });
        Assert.Equal([("token_outlives", "expires_at")], longer.Errors);
        Assert.Equal(201, (await token.PostAsync("/v1/me/tokens", new { name = "long", scope = "read", expires_at = clock.GetUtcNow().AddMinutes(5) })).Status);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(401, (await token.GetAsync("/v1/me")).Status);
        Assert.Equal([("expires_at_past", "expires_at")], (await browser.PostAsync("/v1/me/tokens", new { name = "past", scope = "read", expires_at = clock.GetUtcNow() })).Errors);
    }

    [Fact]
    public async Task BearerBeatsCookie_WhateverEitherIs()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var bob = await web.BrowserAsync(root, "bob");
        Assert.Equal("token", (await root.WithCookie("portunus=stale; path=/").GetAsync("/v1/me"))["via"]);
        Assert.Equal("token", (await root.WithCookie("portunus=\"; path=/").GetAsync("/v1/me"))["via"]);
        var bad = await bob.WithToken("ptk_wrong").GetAsync("/v1/me");
        Assert.Equal((401, "token_invalid"), (bad.Status, bad.Code));
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("Bearer")]
    [InlineData("")]
    [InlineData("Basic cm9vdDpyb290")]
    [InlineData("Bearer ptk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task NoGoodBearer_IsClosed(string header)
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        Assert.Equal(401, (await web.Nobody.With("Authorization", header).GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task LastUse_IsWrittenWithinAMinute()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var root = await web.SuperadminAsync();
        await root.GetAsync("/v1/me");
        clock.Advance(TimeSpan.FromMinutes(2));
        await Eventually.Holds(() =>
        {
            using var db = web.OpenDb();
            return db.ApiTokens.Single().LastUsedFrom == "127.0.0.1";
        }, "the last use is written");
    }
}

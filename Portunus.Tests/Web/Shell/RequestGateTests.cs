using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Shell;

/// <summary>What every request meets before a route: forged ones, malformed ones, too many, too large; and what every answer carries.</summary>
public sealed class RequestGateTests
{
    [Theory]
    [InlineData("X-Portunus-CSRF", "0", "csrf_header_required")]
    [InlineData("X-Portunus-CSRF", "", "csrf_header_required")]
    [InlineData("Origin", "https://evil.example", "csrf_origin_mismatch")]
    [InlineData("Origin", "null", "csrf_origin_mismatch")]
    [InlineData("Sec-Fetch-Site", "cross-site", "csrf_origin_mismatch")]
    [InlineData("Sec-Fetch-Site", "same-site", "csrf_origin_mismatch")]
    public async Task ForgedChangeByCookie_IsRefused(string header, string value, string code)
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        var refused = await browser.With(header, value).PostAsync("/v1/accounts", new { name = "eve" });
        Assert.Equal((403, code), (refused.Status, refused.Code));
        using var db = web.OpenDb();
        Assert.Single(db.Accounts);
    }

    [Fact]
    public async Task OwnOriginAndPublicOrigin_AreTaken()
    {
        await using var web = await RunningWeb.StartAsync(tweakShell: shell => shell with { PublicOrigin = new Uri("https://portunus.example") });
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        Assert.Equal(201, (await browser.With("Origin", web.Address.GetLeftPart(UriPartial.Authority)).PostAsync("/v1/accounts", new { name = "ann" })).Status);
        Assert.Equal(201, (await browser.With("Origin", "https://portunus.example").PostAsync("/v1/accounts", new { name = "bob" })).Status);
        Assert.Equal(403, (await web.Nobody.With("Origin", "https://evil.example").PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task Token_NeedsNoCsrfHeader()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        Assert.Equal(201, (await root.With("Origin", "https://elsewhere.example").PostAsync("/v1/accounts", new { name = "ann" })).Status);
    }

    [Theory]
    [InlineData("{", 400, "malformed_body")]
    [InlineData("", 400, "malformed_body")]
    [InlineData("[]", 400, "wrong_type")]
    [InlineData("{\"name\":1}", 400, "wrong_type")]
    [InlineData("{\"nmae\":\"a\"}", 400, "unknown_field")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}", 400, "duplicate_field")]
    [InlineData("{\"role\":\"king\"}", 400, "wrong_type")]
    public async Task MalformedBody_IsAProblem(string body, int status, string code)
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var refused = await root.SendAsync("POST", "/v1/accounts", body);
        Assert.Equal((status, code), (refused.Status, refused.Code));
        Assert.Equal("application/problem+json", refused.ContentHeaders.ContentType?.MediaType);
    }

    [Fact]
    public async Task TooLargeOrOtherwiseTyped_IsAProblem()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var large = await root.SendAsync("POST", "/v1/accounts", $"{{\"name\":\"{new string('x', 1024 * 1024)}\"}}");
        Assert.Equal((413, "body_too_large"), (large.Status, large.Code));
        var run = await CommandRun.RunAsync("curl", ["-s", "-d", "name=eve", new Uri(web.Address, "/v1/auth/sign-in").ToString()]);
        Assert.Contains("\"code\":\"content_type\"", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownPathMethodAndId_AreProblems()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        Assert.Equal("route_not_found", (await root.GetAsync("/v1/nowhere")).Code);
        Assert.Equal("route_not_found", (await root.GetAsync("/v1/accounts/7")).Code);
        Assert.Equal((405, "method_not_allowed"), ((await root.PutAsync("/v1/accounts", new { })).Status, (await root.PutAsync("/v1/accounts", new { })).Code));
        Assert.Equal((401, "unauthenticated"), ((await web.Nobody.GetAsync("/v1/nowhere")).Status, (await web.Nobody.GetAsync("/v1/nowhere")).Code));
    }

    [Fact]
    public async Task TooManyRequests_AreHeldBack()
    {
        await using var web = await RunningWeb.StartAsync(tweakShell: shell => shell with { Rate = (10, 20) });
        var answers = new List<WebAnswer>();
        for (var i = 0; i < 60; i++)
        {
            answers.Add(await web.Nobody.GetAsync("/v1/auth/status"));
        }

        var refused = answers.Find(answer => answer.Status == 429);
        Assert.NotNull(refused);
        Assert.Equal(("rate_limited", "1"), (refused.Code, refused.Header("Retry-After")));
    }

    [Fact]
    public async Task EveryAnswer_CarriesItsIdAndTheHeadersOfSafety()
    {
        await using var web = await RunningWeb.StartAsync(tweakShell: shell => shell with { IsHttps = true });
        foreach (var path in new[] { "/healthz", "/v1/auth/status", "/v1/me", "/nowhere" })
        {
            var answer = await web.Nobody.With("X-Request-Id", "mine").GetAsync(path);
            Assert.Equal(24, answer.Header("X-Request-Id").Length);
            Assert.Equal(("nosniff", "DENY", "no-referrer"), (answer.Header("X-Content-Type-Options"), answer.Header("X-Frame-Options"), answer.Header("Referrer-Policy")));
            Assert.StartsWith("default-src 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.StartsWith("max-age=", answer.Header("Strict-Transport-Security"), StringComparison.Ordinal);
            Assert.Equal("", answer.Header("Server"));
        }

        var refused = await web.Nobody.GetAsync("/v1/me");
        Assert.Equal(refused.Header("X-Request-Id"), refused["request_id"]);
    }

    [Fact]
    public async Task RequestId_GoesThroughAnswerLogAndAudit()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var id = (await root.PostAsync("/v1/accounts", new { name = "ann" })).Header("X-Request-Id");
        Assert.Contains($"[{id}]", web.Log, StringComparison.Ordinal);
        Assert.Equal("account.create", (await root.GetAsync($"/v1/audit?request_id={id}")).Body.GetProperty("items")[0].GetProperty("action").GetString());
    }

    [Fact]
    public async Task WrongHost_ChangesNothing()
    {
        await using var web = await RunningWeb.StartAsync();
        Assert.Equal(200, (await web.Nobody.With("Host", "link.example:7443").GetAsync("/v1/auth/status")).Status);
    }

    [Fact]
    public async Task HttpsCookie_IsBoundToItsHost()
    {
        await using var web = await RunningWeb.StartAsync(options => options with { AdminPublicOrigin = new Uri("https://portunus.example") });
        await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = await web.SetupTokenAsync(), name = "root", password = RunningWeb.Password });
        var signedIn = await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password });
        var cookie = signedIn.SetCookie.ToLowerInvariant();
        Assert.StartsWith("__host-portunus=", cookie, StringComparison.Ordinal);
        foreach (var part in new[] { "secure", "httponly", "samesite=strict", "path=/" })
        {
            Assert.Contains(part, cookie, StringComparison.Ordinal);
        }
    }
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Accounts;

/// <summary>The first superadmin is made once, by whoever has the newest token, and nobody else.</summary>
public sealed class FirstRunTests
{
    [Fact]
    public async Task Token_MakesTheFirstSuperadminOnce()
    {
        await using var web = await RunningWeb.StartAsync();
        Assert.Equal("True", (await web.Nobody.GetAsync("/v1/auth/status"))["setup_required"]);
        var token = await web.SetupTokenAsync();
        var made = await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "ada", display_name = "Ada", password = RunningWeb.Password });
        Assert.Equal((201, "superadmin", "Ada"), (made.Status, made["role"], made["display_name"]));
        Assert.False(made.Headers.Contains("Set-Cookie"));
        Assert.Equal("False", (await web.Nobody.GetAsync("/v1/auth/status"))["setup_required"]);
        var again = await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "eve", password = RunningWeb.Password });
        Assert.Equal((409, "already_set_up"), (again.Status, again.Code));
        using var db = web.OpenDb();
        Assert.Single(db.Accounts);
        Assert.Empty(db.SetupTokens);
    }

    [Fact]
    public async Task TwoAtOnce_MakeExactlyOne()
    {
        await using var web = await RunningWeb.StartAsync();
        var token = await web.SetupTokenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i =>
            web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = $"admin{i}", password = RunningWeb.Password })));
        Assert.Single(answers, answer => answer.Status == 201);
        using var db = web.OpenDb();
        Assert.Single(db.Accounts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData(null)]
    public async Task WrongOrMissingToken_IsClosed(string? token)
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SetupTokenAsync();
        var refused = await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "eve", password = RunningWeb.Password });
        Assert.Equal((401, "setup_token_invalid"), (refused.Status, refused.Code));
    }

    [Fact]
    public async Task NoTokenMinted_IsClosedToEveryToken()
    {
        await using var web = await RunningWeb.StartAsync();
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = "", name = "eve", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task OlderOrExpiredToken_IsRefused()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var older = await web.SetupTokenAsync();
        var newer = await web.SetupTokenAsync();
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = older, name = "ada", password = RunningWeb.Password })).Status);
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = newer, name = "ada", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task BadFieldsWithTheRightToken_AreToldAtOnceAndDoNotLock()
    {
        await using var web = await RunningWeb.StartAsync();
        var token = await web.SetupTokenAsync();
        for (var i = 0; i < 40; i++)
        {
            var refused = await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "Ada!", password = "short" });
            Assert.Equal(422, refused.Status);
            Assert.Equal([("name_shape", "name"), ("password_too_short", "password")], refused.Errors);
        }

        Assert.Equal(201, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "ada", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task ManyWrongTokens_AreSlowedDown()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var token = await web.SetupTokenAsync();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = "wrong" })).Status);
        }

        var locked = await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "ada", password = RunningWeb.Password });
        Assert.Equal((429, "60"), (locked.Status, locked.Header("Retry-After")));
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(201, (await web.Nobody.PostAsync("/v1/auth/setup", new { setup_token = token, name = "ada", password = RunningWeb.Password })).Status);
    }
}

using Portunus.Tests.Kit;
using Portunus.Web.Accounts;

namespace Portunus.Tests.Web.Accounts;

/// <summary>The second factor from its start to its loss.</summary>
public sealed class SecondFactorTests
{
    [Fact]
    public async Task Enabled_SigningInNeedsACodeOnceEach()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        var other = await web.SignInAsync("root");
        var started = await browser.PostAsync("/v1/me/second-factor", new { password = RunningWeb.Password });
        Assert.Contains("<svg", started["qr_svg"], StringComparison.Ordinal);
        var key = FromBase32(started["secret"]);
        await web.SignInAsync("root");
        Assert.Equal(422, (await browser.PostAsync("/v1/me/second-factor/confirm", new { code = "000000" })).Status);
        var confirmed = await browser.PostAsync("/v1/me/second-factor/confirm", new { code = Totp.CodeAt(key, clock.GetUtcNow()) });
        var codes = confirmed.Body.GetProperty("recovery_codes").EnumerateArray().Select(code => code.GetString()!).ToList();
        Assert.Equal(10, codes.Count);
        Assert.Equal((200, 401), ((await browser.GetAsync("/v1/me")).Status, (await other.GetAsync("/v1/me")).Status));

        Assert.Equal("second_factor_required", (await TrySignInAsync(web, null)).Code);
        Assert.Equal("second_factor_wrong", (await TrySignInAsync(web, Totp.CodeAt(key, clock.GetUtcNow()))).Code);
        clock.Advance(TimeSpan.FromSeconds(30));
        var code = Totp.CodeAt(key, clock.GetUtcNow());
        Assert.Equal(200, (await TrySignInAsync(web, code)).Status);
        Assert.Equal("second_factor_wrong", (await TrySignInAsync(web, code)).Code);
        Assert.Equal(200, (await TrySignInAsync(web, codes[3].ToUpperInvariant())).Status);
        Assert.Equal(401, (await TrySignInAsync(web, codes[3])).Status);
        Assert.Equal("9", (await browser.GetAsync("/v1/me/second-factor"))["recovery_codes_left"]);
    }

    [Fact]
    public async Task WrongCodes_AreSlowedDownToo()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        await EnableAsync(web, clock);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(401, (await TrySignInAsync(web, "123456")).Status);
        }

        Assert.Equal(429, (await TrySignInAsync(web, "123456")).Status);
    }

    [Fact]
    public async Task Removal_NeedsPasswordAndCode()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        var (browser, key) = await EnableAsync(web, clock);
        Assert.Equal(422, (await browser.PostAsync("/v1/me/second-factor/remove", new { password = "wrong" })).Status);
        Assert.Equal([("second_factor_required", "code")], (await browser.PostAsync("/v1/me/second-factor/remove", new { password = RunningWeb.Password })).Errors);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(204, (await browser.PostAsync("/v1/me/second-factor/remove", new { password = RunningWeb.Password, code = Totp.CodeAt(key, clock.GetUtcNow()) })).Status);
        Assert.Equal(200, (await TrySignInAsync(web, null)).Status);
    }

    [Fact]
    public async Task Lost_ASuperadminTakesItOff()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var root = await web.SuperadminAsync();
        var (browser, _) = await EnableAsync(web, clock);
        var ann = await web.AccountAsync(root, "ann", "superadmin");
        Assert.Equal(200, (await ann.PostAsync($"/v1/accounts/{await AccountTests.IdAsync(browser)}/second-factor/remove")).Status);
        Assert.Equal(401, (await browser.GetAsync("/v1/me")).Status);
        Assert.Equal(200, (await TrySignInAsync(web, null)).Status);
    }

    /// <summary>The vectors of RFC 6238, appendix B, of SHA-1 and cut to six digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Code_IsTheStandards(long seconds, string code) =>
        Assert.Equal(code, Totp.CodeAt("12345678901234567890"u8.ToArray(), DateTimeOffset.FromUnixTimeSeconds(seconds)));

    [Fact]
    public void Match_TakesANeighbouringStepAndNoneTwice()
    {
        var key = Totp.NewKey();
        var now = DateTimeOffset.FromUnixTimeSeconds(1_000_000_000);
        var step = now.ToUnixTimeSeconds() / 30;
        Assert.Equal(step - 1, Totp.Match(key, Totp.CodeAt(key, now.AddSeconds(-30)), now, 0));
        Assert.Equal(step + 1, Totp.Match(key, Totp.CodeAt(key, now.AddSeconds(30)), now, 0));
        Assert.Null(Totp.Match(key, Totp.CodeAt(key, now.AddSeconds(-90)), now, 0));
        Assert.Null(Totp.Match(key, Totp.CodeAt(key, now), now, step));
        Assert.Null(Totp.Match(key, "12345", now, 0));
        Assert.Null(Totp.Match(key, "١٢٣٤٥٦", now, 0));
    }

    [Fact]
    public void Base32_IsTheStandards() => Assert.Equal("MZXW6YTBOI", Totp.Base32("foobar"u8));

    private static async Task<(WebCaller Browser, byte[] Key)> EnableAsync(RunningWeb web, TestClock clock)
    {
        var browser = await web.SignInAsync("root");
        var key = FromBase32((await browser.PostAsync("/v1/me/second-factor", new { password = RunningWeb.Password }))["secret"]);
        Assert.Equal(200, (await browser.PostAsync("/v1/me/second-factor/confirm", new { code = Totp.CodeAt(key, clock.GetUtcNow()) })).Status);
        return (browser, key);
    }

    private static Task<WebAnswer> TrySignInAsync(RunningWeb web, string? code) =>
        web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password, code });

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(one => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(one), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }
}

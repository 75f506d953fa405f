using Microsoft.Extensions.DependencyInjection;
using Portunus.Tests.Kit;
using Portunus.Web.Accounts;
using Portunus.Web.Database.Tables;

namespace Portunus.Tests.Web.Accounts;

/// <summary>Signing in and out, and that whatever is taken away is gone with the next request.</summary>
public sealed class SignInTests
{
    [Fact]
    public async Task Cookie_WorksUntilSignedOut()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        Assert.Equal("cookie", (await browser.GetAsync("/v1/me"))["via"]);
        Assert.Equal(204, (await browser.PostAsync("/v1/auth/sign-out")).Status);
        Assert.Equal(401, (await browser.GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task WrongAnswers_LookAllTheSame()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var bob = (await root.PostAsync("/v1/accounts", new { name = "bob", password = RunningWeb.Password })).Body.GetProperty("account");
        await root.PatchAsync($"/v1/accounts/{bob.GetProperty("id")}", new { disabled = true });
        var texts = new List<string>();
        foreach (var (name, password) in new[] { ("root", "wrong password here"), ("nobody", RunningWeb.Password), ("bob", RunningWeb.Password), ("", ""), ("root", "") })
        {
            var refused = await web.Nobody.PostAsync("/v1/auth/sign-in", new { name, password });
            Assert.Equal(401, refused.Status);
            texts.Add(refused.Text.Replace(refused["request_id"], "", StringComparison.Ordinal));
        }

        Assert.Single(texts.Distinct());
    }

    [Fact]
    public async Task TypedNamesThatNobodyHas_AreWrittenNowhere()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "my-secret-passphrase", password = "x" });
        using var db = web.OpenDb();
        Assert.DoesNotContain(db.AuditEntries.ToList(), entry => entry.SubjectName.Contains("passphrase") || entry.ActorName.Contains("passphrase"));
        Assert.DoesNotContain(db.SignInThrottles.ToList(), row => row.Key.Contains("passphrase"));
        Assert.DoesNotContain("passphrase", web.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SuccessAndFailure_AreAudited()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = "wrong" });
        using var db = web.OpenDb();
        var entries = db.AuditEntries.Where(entry => entry.Action == "account.sign_in").OrderBy(entry => entry.Seq).ToList();
        Assert.Equal([(AuditOutcome.Done, "root", ""), (AuditOutcome.Refused, "", "sign_in_failed")], entries.Select(entry => (entry.Outcome, entry.ActorName, entry.Reason)));
        Assert.All(entries, entry => Assert.Equal(("root", "127.0.0.1"), (entry.SubjectName, entry.RemoteAddress)));
    }

    [Fact]
    public async Task GuessingOneName_IsLockedForItsAddressAndLetsOthersIn()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var root = await web.SuperadminAsync();
        await root.PostAsync("/v1/accounts", new { name = "bob", password = RunningWeb.Password });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = "wrong" })).Status);
        }

        var locked = await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = RunningWeb.Password });
        Assert.Equal((429, "throttled", "60"), (locked.Status, locked.Code, locked.Header("Retry-After")));
        await web.SignInAsync("root");
        clock.Advance(TimeSpan.FromSeconds(61));
        await web.SignInAsync("bob");
        Assert.Equal(401, (await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = "wrong" })).Status);
    }

    [Fact]
    public async Task OneSignInTooMany_EndsTheOneLongestWithoutUse()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        var root = await web.SuperadminAsync();
        var first = await web.BrowserAsync(root, "bob");
        var browsers = new List<WebCaller>();
        for (var i = 1; i < SignInWriter.MaxPerAccount; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            browsers.Add(await web.SignInAsync("bob"));
        }

        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(200, (await first.GetAsync("/v1/me")).Status);
        await web.Services.GetRequiredService<LastUse>().WriteAsync(CancellationToken.None);
        await web.SignInAsync("bob");
        Assert.Equal((200, 401, 200), ((await first.GetAsync("/v1/me")).Status, (await browsers[0].GetAsync("/v1/me")).Status, (await browsers[1].GetAsync("/v1/me")).Status));
        await using var db = web.OpenDb();
        Assert.Equal(SignInWriter.MaxPerAccount, db.SignIns.ToList().Count(one => db.Accounts.Single(account => account.Id == one.AccountId).UserName == "bob"));
        Assert.Single(db.AuditEntries.Where(entry => entry.Action == "account.sign_out").ToList());
    }

    [Fact]
    public async Task FurtherFailures_LockForLonger()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        foreach (var seconds in new[] { "60", "120", "240", "480", "900", "900" })
        {
            string wait;
            do
            {
                var answer = await web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "bob", password = "wrong" });
                wait = answer.Header("Retry-After");
            }
            while (wait.Length == 0);
            Assert.Equal(seconds, wait);
            clock.Advance(TimeSpan.FromSeconds(int.Parse(wait)));
        }
    }

    [Fact]
    public async Task ManyGuessesAtOnce_AreNotManyGuesses()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "root", password = "wrong" })));
        Assert.InRange(answers.Count(answer => answer.Status == 401), 1, 6);
        Assert.All(answers, answer => Assert.True(answer.Status is 401 or 429));
    }

    [Fact]
    public async Task AddressBehindATrustedProxy_IsTheOneThatCounts()
    {
        await using var web = await RunningWeb.StartAsync(options => options with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.1/32")] });
        await web.SuperadminAsync();
        for (var i = 0; i < 6; i++)
        {
            await web.Nobody.With("X-Forwarded-For", "192.0.2.1").PostAsync("/v1/auth/sign-in", new { name = "root", password = "wrong" });
        }

        Assert.Equal(429, (await web.Nobody.With("X-Forwarded-For", "192.0.2.1").PostAsync("/v1/auth/sign-in", new { name = "root", password = "wrong" })).Status);
        Assert.Equal(200, (await web.Nobody.With("X-Forwarded-For", "192.0.2.2").PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password })).Status);
        using var db = web.OpenDb();
        Assert.Contains(db.AuditEntries.ToList(), entry => entry.RemoteAddress == "192.0.2.1");
    }

    [Fact]
    public async Task AddressesOfOneNetwork_AreCountedTogether()
    {
        await using var web = await RunningWeb.StartAsync(options => options with { TrustedProxies = [System.Net.IPNetwork.Parse("127.0.0.1/32")] });
        await web.SuperadminAsync();
        Task<WebAnswer> From(string address, string password) =>
            web.Nobody.With("X-Forwarded-For", address).PostAsync("/v1/auth/sign-in", new { name = "root", password });
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(401, (await From($"2001:db8:1:2::{i + 1}", "wrong")).Status);
        }

        Assert.Equal(429, (await From("2001:db8:1:2:ffff::9", RunningWeb.Password)).Status);
        Assert.Equal(200, (await From("2001:db8:1:3::1", RunningWeb.Password)).Status);
    }

    [Fact]
    public async Task ForwardedAddressOfAnybodyElse_IsNotBelieved()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        for (var i = 0; i < 5; i++)
        {
            await web.Nobody.With("X-Forwarded-For", $"192.0.2.{i}").PostAsync("/v1/auth/sign-in", new { name = "root", password = "wrong" });
        }

        Assert.Equal(429, (await web.Nobody.With("X-Forwarded-For", "192.0.2.99").PostAsync("/v1/auth/sign-in", new { name = "root", password = RunningWeb.Password })).Status);
    }

    [Fact]
    public async Task Idle_EndsAndUseKeepsAlive()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        for (var hour = 0; hour < 21; hour += 7)
        {
            clock.Advance(TimeSpan.FromHours(7));
            Assert.Equal(200, (await browser.GetAsync("/v1/me")).Status);
        }

        clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal(401, (await browser.GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task Week_EndsHoweverBusy()
    {
        var clock = new TestClock();
        await using var web = await RunningWeb.StartAsync(clock: clock);
        await web.SuperadminAsync();
        var browser = await web.SignInAsync("root");
        for (var i = 0; i < 7 * 24 / 6; i++)
        {
            Assert.Equal(200, (await browser.GetAsync("/v1/me")).Status);
            clock.Advance(TimeSpan.FromHours(6));
        }

        Assert.Equal(401, (await browser.GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task Sessions_AreListedAndEndedOneByOneAndAllOthers()
    {
        await using var web = await RunningWeb.StartAsync();
        await web.SuperadminAsync();
        var (one, two, three) = (await web.SignInAsync("root"), await web.SignInAsync("root"), await web.SignInAsync("root"));
        var listed = (await one.GetAsync("/v1/me/sessions")).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(4, listed.Count);
        Assert.Single(listed, session => session.GetProperty("is_current").GetBoolean());
        var second = (await two.GetAsync("/v1/me/sessions")).Body.GetProperty("items").EnumerateArray().Single(session => session.GetProperty("is_current").GetBoolean());
        Assert.Equal(204, (await one.DeleteAsync($"/v1/me/sessions/{second.GetProperty("id")}")).Status);
        Assert.Equal(401, (await two.GetAsync("/v1/me")).Status);
        Assert.Equal(404, (await one.DeleteAsync($"/v1/me/sessions/{second.GetProperty("id")}")).Status);
        Assert.Equal(204, (await one.DeleteAsync("/v1/me/sessions")).Status);
        Assert.Equal((200, 401), ((await one.GetAsync("/v1/me")).Status, (await three.GetAsync("/v1/me")).Status));
    }
}

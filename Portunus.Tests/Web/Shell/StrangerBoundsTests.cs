using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;
using Portunus.Tests.Web.Audit;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Database;

namespace Portunus.Tests.Web.Shell;

/// <summary>What strangers and tenants can make the program do is bounded.</summary>
public sealed class StrangerBoundsTests
{
    [Fact]
    public async Task TriesToSignIn_AreHeldBackBeforeTheyLeaveEntries()
    {
        await using var web = await RunningWeb.StartAsync(tweakShell: shell => shell with { TryRate = (10, 20) });
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => web.Nobody.PostAsync("/v1/auth/sign-in", new { name = "nobody", password = "x" })));
        Assert.Contains(answers, answer => answer.Status == 429 && answer.Code == "rate_limited" && answer.Header("Retry-After").Length > 0);
        Assert.Equal(200, (await web.Nobody.GetAsync("/v1/auth/status")).Status);
        await using var db = web.OpenDb();
        var entries = await db.AuditEntries.Where(entry => entry.Action == "account.sign_in").ToListAsync();
        Assert.Equal(answers.Count(answer => answer.Status != 429 || answer.Code != "rate_limited"), entries.Sum(RefusalCountsTests.Times));
        Assert.InRange(entries.Count, 1, 7);
    }

    [Fact]
    public async Task PasswordsThatNobodyCanCheckNow_LeaveOneEntryWithTheirCount()
    {
        using var store = new TempDb();
        using var hashes = new PasswordHashes(3_000_000);
        using var enough = new CancellationTokenSource();
        var trail = new AuditTrail(store.Lane, TimeProvider.System);
        var writer = new SignInWriter(trail, hashes, new SignInGate(TimeProvider.System), store, new AccountsOptions());
        var waiting = Enumerable.Range(0, 100).Select(_ => hashes.HashAsync("a password of others", enough.Token)).ToArray();
        for (var i = 0; i < 3; i++)
        {
            var refused = await writer.SignInAsync(Actor.Nobody("192.0.2.1", "r"), new SignInAsked("ada", "x", null), "", CancellationToken.None);
            Assert.Equal("sign_in_busy", Assert.Single(refused.Problems).Code);
        }

        await enough.CancelAsync();
        await Task.WhenAll(waiting).ContinueWith(_ => { }, TaskScheduler.Default);
        await using var db = store.CreateDbContext();
        var entry = await db.AuditEntries.SingleAsync();
        Assert.Equal(("account.sign_in", "sign_in_busy", 3), (entry.Action, entry.Reason, RefusalCountsTests.Times(entry)));
    }

    /// <summary>There is no proxy on a socket in a folder: what its caller writes must not give it another address, or another bucket.</summary>
    [Fact]
    public async Task ForwardedAddress_OverTheControlSocket_IsNotBelieved()
    {
        await using var web = await RunningWeb.StartAsync(
            options => options with { TrustedProxies = [System.Net.IPNetwork.Parse("0.0.0.0/0"), System.Net.IPNetwork.Parse("::/0")] }, shell => shell with { Rate = (1, 3) });
        // One process, or starting them would take longer than the bucket takes to fill again.
        var asked = Enumerable.Range(1, 60).SelectMany(i => new[]
        {
            i == 1 ? "-s" : "--next", "-s", "-o", "/dev/null", "-w", "%{http_code}\n", "-H", $"X-Forwarded-For: 192.0.2.{i}",
            "--unix-socket", DataDirectory.ControlSocketOf(web.DataDir), "http://x/v1/auth/status",
        });
        var statuses = (await CommandRun.RunAsync("curl", [.. asked])).Output.Split('\n');
        Assert.Contains("404", statuses);
        Assert.Contains("429", statuses);
    }

    [Fact]
    public async Task BodyOfAStranger_IsSmallerThanOneOfAnAccount()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var body = new { name = new string('x', 20_000), password = "x" };
        Assert.Equal((413, "body_too_large"), (await web.Nobody.PostAsync("/v1/auth/sign-in", body)) is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(422, (await root.PostAsync("/v1/accounts", body)).Status);
    }

    [Fact]
    public async Task NameInARefusal_IsCutInItsEntry()
    {
        await using var web = await RunningWeb.StartAsync();
        var root = await web.SuperadminAsync();
        var name = new string('x', 127) + "\ud83d\ude00" + new string('y', 200_000);
        var refused = await root.PostAsync("/v1/me/tokens", new { name, scope = "read" });
        Assert.Equal(422, refused.Status);
        await using var db = web.OpenDb();
        var request = refused.Header("X-Request-Id");
        Assert.Equal(new string('x', 127), (await db.AuditEntries.SingleAsync(entry => entry.RequestId == request)).SubjectName);
    }
}

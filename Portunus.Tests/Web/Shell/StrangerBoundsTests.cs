using Microsoft.EntityFrameworkCore;
using Portunus.Tests.Kit;

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
        Assert.Equal(answers.Count(answer => answer.Status != 429 || answer.Code != "rate_limited"), await db.AuditEntries.CountAsync(entry => entry.Action == "account.sign_in"));
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

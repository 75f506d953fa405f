using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portunus.Shared.Ids;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Edges;
using Portunus.Web.Link;
using Portunus.Web.Plans;

namespace Portunus.Tests.Web.Link;

public sealed class EdgeHubTests : IAsyncLifetime
{
    private RunningWeb _web = null!;
    private WebCaller _root = null!;
    private EnrolledRaw _edge = null!;

    public async Task InitializeAsync()
    {
        _web = await RunningWeb.StartAsync();
        _root = await _web.SuperadminAsync();
        _edge = await EnrolledRaw.NewAsync(_root, _web.LinkAddress, "Oslo");
    }

    public async Task DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public async Task Hello_IsWelcomedAndFollowedByTheNewestPlan()
    {
        await using var link = await RawLink.ConnectAsync(_web.LinkAddress, _edge.Credential);
        var answer = await link.HelloAsync();

        var welcome = answer.GetProperty("result").Deserialize(LinkJson.Default.EdgeWelcome)!;
        Assert.Equal((LinkVersion.Current, "Oslo", _web.Pin.Text, 0), (welcome.LinkVersion, welcome.EdgeName, Assert.Single(welcome.Pins), welcome.Durable.Count));
        await Eventually.Holds(() => link.Calls("ApplyPlan").Count == 1, "the plan comes");
        var plan = link.Calls("ApplyPlan")[0].Deserialize(LinkJson.Default.PlanMessage)!;
        var now = Presence;
        Assert.True(now.IsConnected);
        Assert.Equal(("one", "127.0.0.1", "1.2.3", "raw", "Linux 6", "x64"), (now.Link!.Origin.Instance, now.Link.Origin.From, now.Link.Origin.Version, now.Link.Origin.Host, now.Link.Origin.Kernel, now.Link.Origin.Machine));

        var made = await _root.PostAsync("/v1/rules", new { edge = _edge.Edge, name = "web", listen_port = 8080, target = "192.0.2.1:80" });
        Assert.True(made.Status == 201, made.Text);
        await Eventually.Holds(() => link.Calls("ApplyPlan").Count == 2, "the change comes");
        var next = link.Calls("ApplyPlan")[1].Deserialize(LinkJson.Default.PlanMessage)!;
        Assert.Equal((plan.Epoch, plan.Number + 1, made["id"]), (next.Epoch, next.Number, Assert.Single(next.Rules).Id.ToString()));
    }

    [Fact]
    public async Task PlanThatIsHeldAlready_IsNotSentAgain()
    {
        PlanMessage plan;
        await using (var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential))
        {
            await Eventually.Holds(() => link.Calls("ApplyPlan").Count == 1, "the plan comes");
            plan = link.Calls("ApplyPlan")[0].Deserialize(LinkJson.Default.PlanMessage)!;
        }

        await using var again = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential, hello: RawLink.Hello() with { PlanEpoch = plan.Epoch, PlanNumber = plan.Number });
        await _root.PostAsync("/v1/rules", new { edge = _edge.Edge, name = "web", listen_port = 8080, target = "192.0.2.1:80" });
        await Eventually.Holds(() => again.Calls("ApplyPlan").Count > 0, "the next plan comes");
        Assert.Equal(plan.Number + 1, again.Calls("ApplyPlan")[0].GetProperty("number").GetInt64());
    }

    [Fact]
    public async Task ReportsAndSamples_ReachTheirRooms()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await Eventually.Holds(() => link.Calls("ApplyPlan").Count == 1, "the plan comes");
        var plan = link.Calls("ApplyPlan")[0].Deserialize(LinkJson.Default.PlanMessage)!;

        Assert.False((await link.ReportAsync(new PlanReport(plan.Epoch, plan.Number, [], IsLast: true, "Something is not known."))).TryGetProperty("error", out _));
        await Eventually.Holds(() => _web.Log.Contains("Something is not known.", StringComparison.Ordinal), "what the edge says of the plan is in the log");
        Assert.False((await link.SampleAsync(new SampleBatch { Boot = Guid.NewGuid(), Sequence = 1, TakenAt = TimeProvider.System.GetUtcNow(), IsLast = true, Rules = [] })).TryGetProperty("error", out _));

        Assert.Equal(plan.Revision, Presence.Plan!.Revision);
        Assert.NotNull(Presence.Traffic);
    }

    [Fact]
    public async Task End_IsSeenAndWrittenDown()
    {
        await using (await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential))
        {
            await Eventually.Holds(SeenAsync, "it is written when it was seen");
        }

        await Eventually.Holds(() => !Presence.IsConnected, "the end is seen");
        Assert.NotNull(Presence.Link!.ClosedAt);
    }

    [Fact]
    public async Task Credentials_AreToldApartByStatus()
    {
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, null));
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, ""));
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, "pte_unknown"));
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, new string('x', 5000)));
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, _root.Token));
        Assert.Equal(400, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, null));
        Assert.Equal(400, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, new string('i', 65)));
        Assert.Equal(101, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
        Assert.Equal(401, (await _web.Nobody.WithToken(_edge.Credential).GetAsync("/v1/me")).Status);
    }

    [Fact]
    public async Task SecondInstance_IsKeptOutAndTheSameOneTakesOver()
    {
        await using var first = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);

        Assert.Equal(409, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, "two"));
        Assert.False(first.Closed.IsCompleted);

        await using var again = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await Eventually.Within(first.Closed);
        Assert.Equal(LinkClosing.Replaced, Assert.Single(first.Calls("Closing")).GetString());
        Assert.True(Presence.IsConnected);
        Assert.False(again.Closed.IsCompleted);
        await again.DisposeAsync();
        await Eventually.Holds(async () => await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, "two") == 101, "the other one may come");
    }

    [Fact]
    public async Task SilentLink_EndsAndLetsAnotherInstanceIn()
    {
        await using var silent = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        Assert.Equal(409, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, "two"));

        await Eventually.Within(silent.Closed);

        await Eventually.Holds(() => !Presence.IsConnected, "the end is seen");
        Assert.Equal("silent", Presence.Link!.ClosedWhy);
        Assert.Equal(101, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential, "two"));
    }

    [Fact]
    public async Task WhoeverSaysNoHello_IsCut()
    {
        await using var link = await RawLink.ConnectAsync(_web.LinkAddress, _edge.Credential);
        using var stop = new CancellationTokenSource();
        var pinging = PingAsync(link, stop.Token);

        await Eventually.Within(link.Closed);

        await stop.CancelAsync();
        await pinging;
        Assert.Equal(1, _web.Services.GetRequiredService<LinkMeter>().Of(LinkGuard.NoHello));
    }

    [Fact]
    public async Task Revoking_CutsTheLinkAtOnceAndForGood()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);

        await _root.PostAsync($"/v1/edges/{_edge.Edge}/revoke");

        await Eventually.Within(link.Closed);
        Assert.Equal(LinkClosing.Revoked, Assert.Single(link.Calls("Closing")).GetString());
        Assert.Equal(410, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
        var again = await EnrolledRaw.AgainAsync(_root, _web.LinkAddress, _edge.Edge);
        Assert.Equal(101, await RawLink.StatusAsync(_web.LinkAddress, again.Credential));
        Assert.Equal(410, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
    }

    [Fact]
    public async Task Deleting_CutsTheLinkAndIsRemembered()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);
        await link.ReportAsync(new PlanReport("e", 1, [], IsLast: true));
        Assert.True(EdgeId.TryParse(_edge.Edge, out var id));
        Assert.NotNull(_web.Services.GetRequiredService<PlanOutcomes>().AppliedBy(id));

        Assert.Equal(200, (await _root.DeleteAsync($"/v1/edges/{_edge.Edge}", "*")).Status);

        await Eventually.Within(link.Closed);
        Assert.Equal(LinkClosing.Revoked, Assert.Single(link.Calls("Closing")).GetString());
        Assert.Equal(410, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
        await Eventually.Holds(() => Presence is { Link: null, Plan: null } && _web.Services.GetRequiredService<PlanOutcomes>().AppliedBy(id) is null, "nothing is kept of it");
    }

    [Fact]
    public async Task StoreThatCannotBeRead_IsNoVerdictOnTheCredential()
    {
        await using (var db = _web.OpenDb())
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE Edges RENAME TO Away");
        }

        Assert.Equal(503, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
        Assert.Equal(503, await RawLink.StatusAsync(_web.LinkAddress, "pte_unknown"));

        await using (var db = _web.OpenDb())
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE Away RENAME TO Edges");
        }

        Assert.Equal(101, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
    }

    [Fact]
    public async Task EnrolledAgain_TheOldCredentialIsCutAndNotKnown()
    {
        await using var link = await RawLink.GreetedAsync(_web.LinkAddress, _edge.Credential);

        var again = await EnrolledRaw.AgainAsync(_root, _web.LinkAddress, _edge.Edge);

        await Eventually.Within(link.Closed);
        Assert.Equal(LinkClosing.Superseded, Assert.Single(link.Calls("Closing")).GetString());
        Assert.Equal(401, await RawLink.StatusAsync(_web.LinkAddress, _edge.Credential));
        await using var other = await RawLink.GreetedAsync(_web.LinkAddress, again.Credential, "two");
        Assert.False(other.Closed.IsCompleted);
    }

    [Fact]
    public async Task VersionThatIsTooOld_IsToldAndCut()
    {
        await using var link = await RawLink.ConnectAsync(_web.LinkAddress, _edge.Credential);

        await link.HelloAsync(RawLink.Hello() with { LinkVersion = 0 });

        await Eventually.Within(link.Closed);
        Assert.Equal(LinkClosing.VersionNotSpoken, Assert.Single(link.Calls("Closing")).GetString());
    }

    [Fact]
    public async Task NewerEdge_IsUnderstoodAsFarAsItGoes()
    {
        await using var link = await RawLink.ConnectAsync(_web.LinkAddress, _edge.Credential);
        var hello = JsonSerializer.Serialize(RawLink.Hello() with { LinkVersion = 9 }, LinkJson.Default.EdgeHello);

        var answer = await link.InvokeAsync("Hello", $$"""{{hello[..^1]}},"colour":{"deep":[1,2]} }""");
        Assert.Equal(LinkVersion.Current, answer.GetProperty("result").GetProperty("link_version").GetInt32());
        Assert.True((await link.InvokeAsync("ReportWeather", "1")).TryGetProperty("error", out _));
        Assert.True((await link.ReportAsync(new PlanReport("x", 1, [], false))).TryGetProperty("result", out _) || !link.Closed.IsCompleted);
    }

    private static async Task PingAsync(RawLink link, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!stop.IsCancellationRequested && !link.Closed.IsCompleted)
        {
            await link.SendAsync("{\"type\":6}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private EdgeNow Presence
    {
        get
        {
            Assert.True(EdgeId.TryParse(_edge.Edge, out var id));
            return _web.Services.GetRequiredService<EdgePresence>().Of(id);
        }
    }

    private async Task<bool> SeenAsync()
    {
        await using var db = _web.OpenDb();
        var row = await db.Edges.AsNoTracking().SingleAsync();
        return row is { LastSeenAt: not null, LastSeenFrom: "127.0.0.1", Version: "1.2.3" };
    }
}

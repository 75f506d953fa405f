using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Portunus.Edge.Options;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class LinkWorkerTests
{
    private static readonly string s_listening = SampleWords.Of(RuleStanding.Listening);

    [Fact]
    public async Task Connect_SaysWhoItIs()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");

        var hello = server.Hellos[0];
        Assert.Equal((LinkVersion.Current, EdgeVersion.Text, null, 0), (hello.LinkVersion, hello.Version, hello.PlanEpoch, hello.PlanNumber));
        Assert.NotEqual(Guid.Empty, hello.Boot);
        Assert.Equal(Dns.GetHostName(), hello.Host);
        Assert.StartsWith("Linux ", hello.Kernel, StringComparison.Ordinal);
        var request = Assert.Single(server.Requests);
        Assert.Equal("Bearer s3cret", request.Authorization);
        Assert.Equal(32, request.Instance.Length);
        await Eventually.Holds(() => server.Batches.Count > 0, "samples follow");
        Assert.Equal(hello.Boot, server.Batches[0].Boot);
        Assert.Empty(server.Reports);
        Assert.DoesNotContain(edge.Log.All, line => line.Text.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plan_Arrives_ListensIsKeptAndIsReported()
    {
        await using var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");

        var port = FreePorts.Take();
        var plan = LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, target.Port));
        await server.Edges.ApplyPlan(plan);

        await Eventually.Holds(() => server.Reported(plan) is not null, "a report");
        Assert.Equal(s_listening, server.Reported(plan)![plan.Rules[0].Id].Standing);
        Assert.Equal(plan.Revision, Assert.Single(edge.Kept).Revision);
        using var peer = await Peer.ConnectAsync(port);
    }

    [Fact]
    public async Task Plan_OlderOfTheSameEpoch_IsNotUsedAndAnotherEpochIs()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        var (first, older, restored) = (
            LinkedEdge.Plan("e1", 7, LinkedEdge.Rule(FreePorts.Take(), 9)), LinkedEdge.Plan("e1", 6), LinkedEdge.Plan("e2", 1, LinkedEdge.Rule(FreePorts.Take(), 9)));

        await server.Edges.ApplyPlan(first);
        await Eventually.Holds(() => server.Reported(first) is not null, "the first is reported");
        await server.Edges.ApplyPlan(older);
        await Eventually.Holds(() => edge.Says("is older than the one in force") == 1, "the older one is told");
        await server.Edges.ApplyPlan(restored);
        await Eventually.Holds(() => server.Reported(restored) is not null, "the one of a restored store is reported");

        Assert.Null(server.Reported(older));
        Assert.Equal([first.Revision, restored.Revision], edge.Kept.Select(plan => plan.Revision));
        Assert.Equal(s_listening, server.Reported(restored)![restored.Rules[0].Id].Standing);
    }

    [Fact]
    public async Task Plan_OfManyRules_ArrivesWholeAndIsReportedInParts()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");

        // Several megabytes towards the edge, and more than the hub takes at once on the way back; none of them needs a descriptor.
        var note = new string('é', 450);
        var rules = Enumerable.Range(0, 5000).Select(i => LinkedEdge.Rule(10000 + i, 9) with
        {
            Rule = new($$"""{"name": "r{{i}}", "listen_port": {{10000 + i}}, "target": "127.0.0.1:9", "enabled": false, "note": "{{note}}"}"""),
        });
        var plan = LinkedEdge.Plan("e1", 1, [.. rules]);
        await server.Edges.ApplyPlan(plan);

        await Eventually.Holds(() => server.Reported(plan)?.Count == 5000, "all rules are reported");
        Assert.True(server.Reports.Count > 1, "the report should have come in parts");
        Assert.True(server.Reports[^1].IsLast);
        Assert.All(server.Reports.SkipLast(1), part => Assert.False(part.IsLast));
        Assert.Single(server.Hellos);
    }

    [Fact]
    public async Task Plans_ComeFasterThanTheDisk_OnlyTheNewestIsCarriedOutAndTheLinkGoesOn()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        var disk = new TaskCompletionSource();
        edge.Disk = disk.Task;
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");

        var plans = Enumerable.Range(1, 20).Select(number => LinkedEdge.Plan("e1", number)).ToList();
        await server.Edges.ApplyPlan(plans[0]);
        await Eventually.Holds(() => edge.Kept.Count == 1, "the first is on its way to the disk");
        foreach (var plan in plans.Skip(1))
        {
            await server.Edges.ApplyPlan(plan);
        }

        // What comes after them is heard although the first is still being kept, and nothing is told of before it is.
        await server.Edges.UsePins([server.Key.Pin.Text, server.Key.Pin.Text]);
        await Eventually.Holds(() => edge.InUse.Current.Pins.Count == 2, "the link goes on");
        Assert.Empty(server.Reports);

        disk.SetResult();
        await Eventually.Holds(() => server.Reported(plans[^1]) is not null, "the newest is reported");
        Assert.Equal([1, 20], edge.Kept.Select(plan => plan.Number));
    }

    [Theory]
    [InlineData("""{"epoch": "e1", "number": "two", "rules": [], "owner_limits": {}}""")]
    [InlineData("""{"epoch": "e1", "number": 2, "rules": [{"id": "no id", "revision": 1}], "owner_limits": {}}""")]
    [InlineData("""{"epoch": "e1", "number": 2, "rules": [null], "owner_limits": {}}""")]
    [InlineData("""{"epoch": "e1", "number": 2}""")]
    [InlineData("[]")]
    [InlineData("null")]
    public async Task Plan_ThatCannotBeRead_IsAnErrorAndTheOneBeforeStays(string sent)
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        var (first, third) = (LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(FreePorts.Take(), 9)), LinkedEdge.Plan("e1", 3));
        await server.Edges.ApplyPlan(first);
        await Eventually.Holds(() => server.Reported(first) is not null, "the first is reported");

        await server.RawEdges.SendAsync(nameof(IEdgeClient.ApplyPlan), JsonDocument.Parse(sent).RootElement);

        await Eventually.Holds(() => edge.Says("sent a plan that cannot be read") == 1, "it is told");
        Assert.Equal(first.Revision, edge.Engine.Applied);
        await server.Edges.ApplyPlan(third);
        await Eventually.Holds(() => server.Reported(third) is not null, "the next one is reported");
        Assert.Equal([1, 3], edge.Kept.Select(plan => plan.Number));
        Assert.Single(server.Hellos);
    }

    [Fact]
    public async Task Plan_WithAPartOfALaterVersion_IsInForceAndTheRestIsTold()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        var (plan, next) = (LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(FreePorts.Take(), 9)), LinkedEdge.Plan("e1", 2));
        plan.Unknown = new() { ["night_watch"] = JsonDocument.Parse("[1]").RootElement };

        await server.Edges.ApplyPlan(plan);

        await Eventually.Holds(() => server.Reports.Any(report => report.IsLast && report.Note?.Contains("does not know night_watch", StringComparison.Ordinal) == true), "it is reported");
        Assert.Equal(1, edge.Says("Plan e1/1 is in force but for a part: This edge does not know night_watch"));
        Assert.Equal(s_listening, server.Reported(plan)![plan.Rules[0].Id].Standing);
        Assert.Contains("night_watch", System.Text.Encoding.UTF8.GetString(Portunus.Edge.Link.PlanText.Write(edge.Kept[0], Portunus.Shared.Ids.EdgeId.New())), StringComparison.Ordinal);

        await server.Edges.ApplyPlan(next);
        await Eventually.Holds(() => server.Reported(next) is not null, "the next is reported");
        await Eventually.Holds(() => server.Reports[^1] is { Note: null, Number: 2 }, "nothing of the kind is told of it");
    }

    [Fact]
    public async Task Plan_ThatCannotBeCarriedOut_IsNotKeptForTheNextStart()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        edge.Inbox.Offer(LinkedEdge.Plan("e1", 1));
        await Eventually.Holds(() => edge.Kept.Count == 1, "the first is kept");

        edge.Inbox.Offer(LinkedEdge.Plan("e1", 2, [null!]));

        await Eventually.Holds(() => edge.Says("Plan e1/2 could not be carried out") == 1, "it is told");
        edge.Inbox.Offer(LinkedEdge.Plan("e1", 3));
        await Eventually.Holds(() => edge.Kept.Count > 1, "the next is kept");
        Assert.Equal([1, 3], edge.Kept.Select(plan => plan.Number));
    }

    [Fact]
    public async Task Welcome_InAVersionOfLater_IsNoLinkAndTriedAgain()
    {
        await using var server = await LinkServer.StartAsync();
        var speaks = LinkVersion.Current + 1;
        server.Welcoming = _ => new EdgeWelcome { LinkVersion = speaks, Version = "10", EdgeName = "n", Durable = [], Pins = [server.Key.Pin.Text] };
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => edge.Says("which this edge does not") > 0, "it is told");
        Assert.Empty(server.Batches);
        speaks = LinkVersion.Current;
        await Eventually.Holds(() => server.Batches.Count > 0, "it is linked");
    }

    [Fact]
    public async Task Outcome_ChangesLater_IsReportedAlone()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        var (port, other) = (FreePorts.Take(), FreePorts.Take());
        var plan = LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, 9), LinkedEdge.Rule(other, 9));

        using (var holder = new System.Net.Sockets.TcpListener(IPAddress.Loopback, port))
        {
            holder.Start();
            await server.Edges.ApplyPlan(plan);
            await Eventually.Holds(() => server.Reported(plan) is not null, "a report");
            Assert.NotEqual(s_listening, server.Reported(plan)![plan.Rules[0].Id].Standing);
        }

        await Eventually.Holds(() => server.Reported(plan)![plan.Rules[0].Id].Standing == s_listening, "the port is free and listened on");
        Assert.Equal(plan.Rules[0].Id, Assert.Single(server.Reports[^1].Rules).Rule);
    }

    [Fact]
    public async Task Server_ComesBack_EdgeForwardsThroughoutAndTellsItAll()
    {
        var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        var port = FreePorts.Take();
        var plan = LinkedEdge.Plan("e1", 3, LinkedEdge.Rule(port, target.Port));
        await server.Edges.ApplyPlan(plan);
        await Eventually.Holds(() => server.Reported(plan) is not null, "a report");
        using var peer = await Peer.ConnectAsync(port);

        await server.DisposeAsync();
        await Eventually.Holds(() => edge.Says("There is no link") > 0, "the loss is told");
        await peer.SendAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), await peer.ReceiveAsync(10));

        await using var again = await LinkServer.StartAsync(server.Key, server.Port);
        await Eventually.Holds(() => again.Reported(plan) is not null, "the report is repeated");
        Assert.Equal(("e1", 3), (again.Hellos[0].PlanEpoch, again.Hellos[0].PlanNumber));
        Assert.Equal(server.Hellos[0].Boot, again.Hellos[0].Boot);
        Assert.Equal(server.Requests[0].Instance, again.Requests[0].Instance);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(409)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Hub_AnswersAnythingButRevoked_IsTriedAgain(int status)
    {
        await using var server = await LinkServer.StartAsync();
        server.HubStatus = status;
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Requests.Count > 1, "a second try");
        Assert.False(edge.Running.IsCompleted);

        server.HubStatus = 0;
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
    }

    [Fact]
    public async Task Hub_AnswersGone_EndsTheLinkForGood()
    {
        await using var server = await LinkServer.StartAsync();
        server.HubStatus = 410;
        await using var edge = new LinkedEdge(server);
        Assert.True(await Eventually.Within(edge.Running));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(LinkClosing.Revoked, true)]
    [InlineData(LinkClosing.Superseded, false)]
    [InlineData(LinkClosing.ShuttingDown, false)]
    [InlineData("a word of later", false)]
    public async Task Closing_OnlyRevokedIsFinal(string word, bool isFinal)
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        await server.Edges.Closing(word);
        if (isFinal)
        {
            Assert.True(await Eventually.Within(edge.Running));
            Assert.Single(server.Requests);
        }
        else
        {
            await Eventually.Holds(() => server.Hellos.Count == 2, "it comes back");
        }
    }

    [Fact]
    public async Task Key_NotThePinned_SendsNothingAndIsTriedUntilItIs()
    {
        var impostor = await LinkServer.StartAsync();
        using var real = new ServerKey();
        await using var edge = new LinkedEdge(impostor, real);
        await Eventually.Holds(() => impostor.Connections > 1, "a second try");
        Assert.Empty(impostor.Requests);
        Assert.Equal(1, edge.Says("There is no link"));
        Assert.InRange(edge.Says($"shows the key {impostor.Key.Pin}"), 1, int.MaxValue);

        await impostor.DisposeAsync();
        await using var server = await LinkServer.StartAsync(real, impostor.Port);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
    }

    [Fact]
    public async Task Pins_Announced_AreKeptAndGoodForTheNextKey()
    {
        var server = await LinkServer.StartAsync();
        using var next = new ServerKey();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        await server.Edges.UsePins([server.Key.Pin.Text, next.Pin.Text]);
        await Eventually.Holds(() => edge.File.TryRead(out _)?.Pins.Count == 2, "the pins are in the file");
        Assert.Equal(edge.Credentials.Credential, edge.File.TryRead(out _)?.Credential);
        await Eventually.Holds(() => server.Pins.Any(pins => pins.Count == 2 && pins.Contains(next.Pin.Text)), "the control plane is told");

        await server.DisposeAsync();
        await using var switched = await LinkServer.StartAsync(next, server.Port);
        await Eventually.Holds(() => switched.Hellos.Count == 1, "a hello to the new key");
        await Eventually.Holds(() => edge.File.TryRead(out _)?.Pins is [var only] && only == next.Pin.Text, "the old pin is gone");
    }

    [Fact]
    public async Task Pins_ThatAreNone_ChangeNothing()
    {
        await using var server = await LinkServer.StartAsync();
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
        await server.Edges.UsePins(["sha256:no"]);
        await Eventually.Holds(() => edge.Says("announces keys that are none") == 1, "it is told");
        await server.Edges.UsePins([]);
        await Eventually.Holds(() => edge.Says("announces keys that are none") == 2, "it is told");
        Assert.Equal([server.Key.Pin.Text], edge.InUse.Current.Pins);
    }

    [Fact]
    public async Task Credentials_EnrolledAnew_AreTakenWithTheNextTry()
    {
        await using var server = await LinkServer.StartAsync();
        server.HubStatus = 401;
        await using var edge = new LinkedEdge(server);
        await Eventually.Holds(() => server.Requests.Count > 0, "a try");
        edge.File.Replace(edge.Credentials with { Credential = "n3w" });
        await Eventually.Holds(() => server.Requests.Any(request => request.Authorization == "Bearer n3w"), "the new credential is used");
    }
}

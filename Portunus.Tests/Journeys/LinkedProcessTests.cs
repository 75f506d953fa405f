using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Portunus.Edge.Link;
using Portunus.Shared.Link;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The edge as a process of its own, with the other end of its link in the test's hands.</summary>
public sealed class LinkedProcessTests : IDisposable
{
    private static readonly string s_listening = SampleWords.Of(RuleStanding.Listening);

    private readonly TempFolder _folder = new();

    private string Credentials => _folder.File("edge.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_WithoutCredentials_SaysWhatToDo()
    {
        await using var edge = Start([]);
        Assert.Equal(2, await edge.EndsAsync());
        Assert.Contains("portunus-edge enroll", string.Join('\n', edge.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CredentialsThatAreNone_AreNotUsed()
    {
        await File.WriteAllTextAsync(Credentials, """{"host": "127.0.0.1", "port": 1, "credential": "s3cret"}""");
        await using var edge = Start([]);
        Assert.Equal(2, await edge.EndsAsync());
        var said = string.Join('\n', edge.Lines);
        Assert.Contains("does not hold the credentials of an edge", said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_StateDirectoryTaken_IsRefused()
    {
        await using var server = await LinkServer.StartAsync();
        await using var first = await EnrolledAsync(server);
        await using var second = Start([]);
        Assert.Equal(1, await second.EndsAsync());
        Assert.Contains("is in use by another process", string.Join('\n', second.Lines), StringComparison.Ordinal);
        Assert.False(first.HasEnded);
    }

    [Fact]
    public async Task Run_FirstStartWithALine_EnrolsOnceAndCredentialsWinAfterwards()
    {
        await using var server = await LinkServer.StartAsync();
        server.Enrolling = request => request.Response.WriteAsJsonAsync(LinkServer.Reply(server.Key.Pin), LinkJson.Default.EnrollReply);
        var line = new Dictionary<string, string> { ["PORTUNUS_ENROLL_URI"] = server.Line("s3cret-code").ToString() };
        await using (var edge = Start(line))
        {
            await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
            await edge.SignalAsync("TERM");
            Assert.Equal(0, await edge.EndsAsync());
            Assert.DoesNotContain(edge.Lines, said => said.Contains("s3cret-code", StringComparison.Ordinal));
        }

        await using (Start(line))
        {
            await Eventually.Holds(() => server.Hellos.Count == 2, "a hello");
        }

        Assert.Single(server.Enrollments);
    }

    [Fact]
    public async Task Run_FirstStartBeforeTheControlPlane_WaitsForIt()
    {
        using var key = new ServerKey();
        var port = FreePorts.Take();
        await using var edge = Start(new() { ["PORTUNUS_ENROLL_URI"] = new EnrollUri("127.0.0.1", port, key.Pin, "c0de").ToString() });
        await edge.SaysAsync("cannot become an edge yet");
        await using var server = await LinkServer.StartAsync(key, port);
        server.Enrolling = request => request.Response.WriteAsJsonAsync(LinkServer.Reply(key.Pin), LinkJson.Default.EnrollReply);
        await Eventually.Holds(() => server.Hellos.Count == 1, "a hello");
    }

    [Fact]
    public async Task Run_FirstStartWithASpentCode_EndsAsAskedWrongly()
    {
        await using var server = await LinkServer.StartAsync();
        server.Enrolling = request =>
        {
            request.Response.StatusCode = 409;
            return request.Response.WriteAsync("""{"code": "enroll_code_redeemed", "detail": "The code was used."}""");
        };
        await using var edge = Start(new() { ["PORTUNUS_ENROLL_URI"] = server.Line().ToString() });
        Assert.Equal(2, await edge.EndsAsync());
        Assert.Contains("The code was used.", string.Join('\n', edge.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_AndNoControlPlane_StartsFromTheLastPlan()
    {
        var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        var plan = LinkedEdge.Plan("e1", 5, LinkedEdge.Rule(port, target.Port));
        await using (var edge = await EnrolledAsync(server))
        {
            await PublishAsync(server, plan);
            using (var peer = await Peer.ConnectAsync(port))
            {
                Assert.True(await peer.EchoesAsync());
            }

            await edge.SignalAsync("KILL");
            await edge.EndsAsync();
        }

        await server.DisposeAsync();
        await using var again = Start([]);
        await again.SaysAsync("Plan e1/5 from disk with 1 rules is in force: 1 listen");
        using (var peer = await Peer.ConnectAsync(port))
        {
            Assert.True(await peer.EchoesAsync());
        }

        await using var back = await LinkServer.StartAsync(server.Key, server.Port);
        await Eventually.Holds(() => back.Reported(plan) is not null, "the plan is told of");
        Assert.Equal(("e1", 5), (back.Hellos[0].PlanEpoch, back.Hellos[0].PlanNumber));
        // What the killed one counted is not lost: it is told as the last word of an earlier run.
        var killed = server.Hellos[0].Boot;
        Assert.Contains(killed, back.Hellos[0].OlderBoots);
        await Eventually.Holds(() => back.Batches.Any(batch => batch.Boot == killed && batch.IsFinal && batch.Rules.Any(rule => rule.Traffic.BytesIn == 1)), "its counters are told");
    }

    [Fact]
    public async Task Revoked_StopsListeningCutsFlowsAndStaysThatWay()
    {
        await using var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        await using (var edge = await EnrolledAsync(server))
        {
            await PublishAsync(server, LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, target.Port)));
            using var peer = await Peer.ConnectAsync(port);
            Assert.True(await peer.EchoesAsync());

            server.HubStatus = 410;
            await server.Edges.Closing(LinkClosing.Revoked);
            await edge.SaysAsync("This edge was revoked");
            await Eventually.Within(peer.ReceiveToResetAsync());
            Assert.False(await IsOpenAsync(port));
            Assert.False(edge.HasEnded);
            await edge.SignalAsync("TERM");
            Assert.Equal(0, await edge.EndsAsync());
        }

        await using var again = Start([]);
        await again.SaysAsync("There is no plan on disk");
        Assert.False(await IsOpenAsync(port));
    }

    [Fact]
    public async Task Revoked_ByTheTimeAFlowIsCutThePlanIsOffTheDisk()
    {
        await using var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var ports = Enumerable.Range(0, 200).Select(_ => FreePorts.Take()).ToList();
        await using var edge = await EnrolledAsync(server);
        await PublishAsync(server, LinkedEdge.Plan("e1", 1, [.. ports.Select(port => LinkedEdge.Rule(port, target.Port))]));
        var peers = new List<Peer>();
        foreach (var port in ports)
        {
            peers.Add(await Peer.ConnectAsync(port));
        }

        server.HubStatus = 410;
        await server.Edges.Closing(LinkClosing.Revoked);

        // Whoever kills it from here on must not have it start from that plan again.
        await await Task.WhenAny(peers.Select(peer => Eventually.Within(peer.ReceiveToResetAsync())));
        Assert.False(File.Exists(_folder.File("state/plan.json")));
        await edge.SignalAsync("KILL");
        await edge.EndsAsync();
        peers.ForEach(peer => peer.Dispose());
        await using var again = Start([]);
        await again.SaysAsync("There is no plan on disk");
    }

    [Fact]
    public async Task ProxyOfTheEnvironment_IsFollowedNeitherToEnrolNorByTheLink()
    {
        await using var server = await LinkServer.StartAsync();
        server.Enrolling = request => request.Response.WriteAsJsonAsync(LinkServer.Reply(server.Key.Pin), LinkJson.Default.EnrollReply);
        var nobody = $"http://127.0.0.1:{FreePorts.Take()}";
        await using var edge = Start(new()
        {
            ["PORTUNUS_ENROLL_URI"] = server.Line().ToString(), ["HTTPS_PROXY"] = nobody, ["https_proxy"] = nobody, ["ALL_PROXY"] = nobody, ["NO_PROXY"] = "", ["no_proxy"] = "",
        });
        await edge.SaysAsync("The link to ");
        Assert.Equal(0, edge.Count("cannot become an edge yet"));
    }

    [Fact]
    public async Task Revoked_WhileAway_IsLearnedAtTheNextTry()
    {
        var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        await using var edge = await EnrolledAsync(server);
        await PublishAsync(server, LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, target.Port)));
        await server.DisposeAsync();
        await edge.SaysAsync("There is no link");
        Assert.True(await IsOpenAsync(port));

        await using var again = await LinkServer.StartAsync(server.Key, server.Port);
        again.HubStatus = 410;
        await edge.SaysAsync("This edge was revoked");
        Assert.False(await IsOpenAsync(port));
    }

    [Fact]
    public async Task Stopped_FlowsFinishAndTheLinkTellsOfIt()
    {
        await using var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        var plan = LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, target.Port));
        await using var edge = await EnrolledAsync(server);
        await PublishAsync(server, plan);
        using (var peer = await Peer.ConnectAsync(port))
        {
            Assert.True(await peer.EchoesAsync());
            await edge.SignalAsync("TERM");
            await Eventually.Holds(() => server.Reported(plan)?.Values.Single().Standing != s_listening, "the rule no longer listens");
            Assert.False(await IsOpenAsync(port));
            Assert.True(await peer.EchoesAsync());
            Assert.False(edge.HasEnded);
        }

        Assert.Equal(0, await edge.EndsAsync());
    }

    [Fact]
    public async Task Stopped_Twice_CutsWhatIsLeft()
    {
        await using var server = await LinkServer.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        await using var edge = await EnrolledAsync(server);
        await PublishAsync(server, LinkedEdge.Plan("e1", 1, LinkedEdge.Rule(port, target.Port)));
        using var peer = await Peer.ConnectAsync(port);
        Assert.True(await peer.EchoesAsync());
        await edge.SignalAsync("TERM");
        await edge.SaysAsync("A signal asks to stop");
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
    }

    [Fact]
    public async Task Credentials_OpenToOthers_AreAWarning()
    {
        await using var server = await LinkServer.StartAsync();
        Keep(server);
        File.SetUnixFileMode(Credentials, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await using var edge = Start([]);
        await edge.SaysAsync("make its mode 0600");
    }

    [Fact]
    public async Task Standalone_LoadsNothingOfTheLink()
    {
        await using var server = await LinkServer.StartAsync();
        await using var linked = await EnrolledAsync(server);
        await Eventually.Holds(() => Loaded(linked).Contains("Microsoft.AspNetCore.SignalR.Client.Core.dll"), "the link is loaded where there is one");

        using var file = new TempFolder();
        await File.WriteAllTextAsync(file.File("rules.toml"), $"""
            [[rule]]
            name = "a"
            listen_port = {FreePorts.Take()}
            target = "127.0.0.1:9"
            """);
        await using var alone = await EdgeProcess.ListeningAsync(file.File("rules.toml"));
        var loaded = Loaded(alone);
        Assert.Contains("portunus-edge.dll", loaded);
        Assert.DoesNotContain(loaded, name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name is "System.Net.WebSockets.Client.dll" or "System.Net.Http.dll" or "System.Net.Security.dll");
    }

    private static async Task<bool> IsOpenAsync(int port)
    {
        try
        {
            using var peer = await Peer.ConnectAsync(port);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return false;
        }
    }

    private static HashSet<string> Loaded(EdgeProcess process) => [.. File.ReadAllLines($"/proc/{process.Id}/maps")
        .Select(line => line.Split('/')[^1]).Where(name => name.EndsWith(".dll", StringComparison.Ordinal) || name.Contains(".so", StringComparison.Ordinal))];

    private static async Task PublishAsync(LinkServer server, PlanMessage plan)
    {
        await server.Edges.ApplyPlan(plan);
        await Eventually.Holds(() => server.Reported(plan)?.Values.All(rule => rule.Standing == s_listening) == true, "the plan is in force");
    }

    private void Keep(LinkServer server) => new CredentialsFile(Credentials).Replace(new EdgeCredentials
    {
        Host = "127.0.0.1",
        Port = server.Port,
        Pins = [server.Key.Pin.Text],
        Edge = "01934b5e-0000-7000-8000-000000000001",
        Name = "north",
        Credential = "s3cret",
    });

    private async Task<EdgeProcess> EnrolledAsync(LinkServer server)
    {
        Keep(server);
        var edge = Start([]);
        await edge.SaysAsync("The link to ");
        return edge;
    }

    private EdgeProcess Start(Dictionary<string, string> variables) =>
        EdgeProcess.Start(variables, ["run", "--credentials", Credentials, "--state-dir", _folder.File("state")]);
}

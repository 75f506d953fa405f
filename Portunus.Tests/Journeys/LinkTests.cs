using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Both programs together, over real connections: what people see of the link, and what traffic does not.</summary>
public sealed class LinkTests
{
    [Fact]
    public async Task Rule_MadeByRest_ListensAndForwards()
    {
        await using var both = await ControlledEdge.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        await both.PutAsync(port, target.Port);
        Assert.True(await Peer.IsServedAsync(port));
    }

    [Fact]
    public async Task ControlPlane_Killed_TrafficGoesOnAndTheNextRuleComes()
    {
        await using var both = await ControlledEdge.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var (first, second) = (FreePorts.Take(), FreePorts.Take());
        await both.PutAsync(first, target.Port);
        using var peer = await Peer.ConnectAsync(first);
        Assert.True(await peer.EchoesAsync());

        await both.Web.SignalAsync("KILL");
        await both.Edge.SaysAsync("There is no link");
        Assert.True(await peer.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(first));

        await both.Web.DisposeAsync();
        await both.StartWebAsync();
        await both.Edge.SaysAsync("The link to ", times: 2);
        await both.PutAsync(second, target.Port);
        Assert.True(await peer.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(second));
    }

    [Fact]
    public async Task Edge_KilledWithTheControlPlane_StartsFromItsPlanAndTakesTheNewest()
    {
        await using var both = await ControlledEdge.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var (first, second) = (FreePorts.Take(), FreePorts.Take());
        await both.PutAsync(first, target.Port);
        await both.Edge.SignalAsync("KILL");
        await both.Edge.EndsAsync();
        // Made while the edge is away: it waits for it.
        await both.AskAsync(second, target.Port);
        await both.Web.SignalAsync("KILL");
        await both.Web.DisposeAsync();

        await using var again = both.StartEdge("state");
        await again.SaysAsync("from disk with 1 rules is in force: 1 listen");
        Assert.True(await Peer.IsServedAsync(first));
        await both.StartWebAsync();
        await Eventually.Holds(() => ControlledEdge.IsOpen(second), "the late rule listens");
    }

    [Fact]
    public async Task ControlPlane_Frozen_IsNoticedAndComesBack()
    {
        await using var both = await ControlledEdge.StartAsync();
        await both.Web.SignalAsync("STOP");
        try
        {
            await both.Edge.SaysAsync("There is no link");
        }
        finally
        {
            await both.Web.SignalAsync("CONT");
        }

        await both.Edge.SaysAsync("The link to ", times: 2);
    }

    [Fact]
    public async Task Edge_Revoked_StopsListeningAndCutsAtOnce()
    {
        await using var both = await ControlledEdge.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        await both.PutAsync(port, target.Port);
        using var peer = await Peer.ConnectAsync(port);
        Assert.True(await peer.EchoesAsync());

        var revoked = await both.Root.PostAsync($"/v1/edges/{both.EdgeId}/revoke", new { });
        Assert.True(revoked.Status is 200 or 204, revoked.Text);
        await both.Edge.SaysAsync("This edge was revoked");
        await Eventually.Within(peer.ReceiveToResetAsync());
        Assert.False(ControlledEdge.IsOpen(port));
    }

    [Fact]
    public async Task Credential_UsedTwice_TheFirstStaysLinked()
    {
        await using var both = await ControlledEdge.StartAsync();
        await using var second = both.StartEdge("other-state");
        await second.SaysAsync("another machine with this edge's credential is connected");
        Assert.Equal(0, both.Edge.Count("There is no link"));
    }

    [Fact]
    public async Task Line_WithAnotherPinOrSpent_MakesNoEdge()
    {
        await using var both = await ControlledEdge.StartAsync();
        using var folder = new TempFolder();
        using var other = new ServerKey();
        var line = await both.LineAsync();
        var at = line.IndexOf("sha256:", StringComparison.Ordinal);
        var wrong = line[..at] + other.Pin + line[(at + other.Pin.Text.Length)..];

        var run = await EnrollAsync(wrong, folder.File("a.json"));
        Assert.True(run.ExitCode == 2 && run.Errors.Contains("Nothing was sent to it", StringComparison.Ordinal), run.Errors);
        run = await EnrollAsync(line, folder.File("b.json"));
        Assert.True(run.ExitCode == 0, run.Errors);
        run = await EnrollAsync(line, folder.File("c.json"));
        Assert.True(run.ExitCode == 2 && run.Errors.Contains("refuses the enrolment", StringComparison.Ordinal), run.Errors);
        Assert.Equal([folder.File("b.json")], Directory.GetFiles(folder.Path));
    }

    private static Task<CommandRun> EnrollAsync(string line, string place) => CommandRun.RunAsync(EdgeProcess.Program, ["enroll", line, "--out", place]);
}

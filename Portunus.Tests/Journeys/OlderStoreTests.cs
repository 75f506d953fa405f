using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The control plane is put back to an older store: its edges do as that store says, and flows of rules that are the same live on.</summary>
public sealed class OlderStoreTests
{
    [Fact]
    public async Task Restored_EdgeTakesTheNewEpochAndFlowsOfUnchangedRulesLiveOn()
    {
        await using var both = await LinkedProcesses.StartAsync();
        await using var target = LoopbackTarget.Echo();
        using var away = new DataFolder();
        var (kept, removed, later) = (FreePorts.Take(), FreePorts.Take(), FreePorts.Take());
        var steady = await both.CreateAsync(kept, target.Port);
        var gone = await both.CreateAsync(removed, target.Port);
        Assert.Equal((201, 201), (steady.Status, gone.Status));
        Assert.Equal(0, (await WebProcess.RunAsync("", "backup", away.File("b"), "--data-dir", both.Data)).Code);

        using var peer = await Peer.ConnectAsync(kept);
        Assert.True(await peer.EchoesAsync());
        var made = await both.CreateAsync(later, target.Port);
        Assert.Equal(201, made.Status);
        using var lost = await Peer.ConnectAsync(later);
        Assert.True(await lost.EchoesAsync());
        Assert.InRange((await both.Root.DeleteAsync($"/v1/rules/{gone["id"]}", gone.ETag)).Status, 200, 204);
        await Eventually.Holds(() => !ControlledEdge.IsOpen(removed), "the removed rule stops");

        await both.Web.StopAsync();
        await both.Web.DisposeAsync();
        var restored = await WebProcess.RunAsync("", "restore", away.File("b"), "--force", "--data-dir", both.Data);
        Assert.True(restored.Code == 0, restored.Errors);
        Assert.True(await peer.EchoesAsync());
        await both.ServeAsync();
        await Eventually.Holds(() => ControlledEdge.IsOpen(removed), "the rule that the older store has is back");
        await Eventually.Holds(() => !ControlledEdge.IsOpen(later), "the rule that it does not know is gone");
        Assert.True(await Peer.IsServedAsync(removed));
        Assert.True(await peer.EchoesAsync());
        await Eventually.Holds(async () => Applied(await both.Root.GetAsync($"/v1/rules/{gone["id"]}")) == "listening", "and is told to listen");
        Assert.Equal("listening", Applied(await both.Root.GetAsync($"/v1/rules/{steady["id"]}")));
        Assert.Equal(404, (await both.Root.GetAsync($"/v1/rules/{made["id"]}")).Status);
        Assert.Equal(2, both.Edge.Lines.Where(line => line.Contains(" is in force: ", StringComparison.Ordinal)).Select(Epoch).Distinct().Count());
    }

    /// <summary>Of the plan that a line of the edge's log tells of.</summary>
    private static string Epoch(string line) => line.Split("Plan ")[1].Split('/')[0];

    private static string Applied(WebAnswer rule) => rule.Body.GetProperty("status").GetProperty("applied").GetProperty("state").GetString()!;
}

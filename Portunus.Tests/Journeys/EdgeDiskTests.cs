using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The disk of an edge is full: plans run all the same, and are kept once there is room.</summary>
public sealed class EdgeDiskTests
{
    [SmallDiskFact]
    public async Task StateDirectory_Full_PlanRunsAndIsSavedOnceThereIsRoom()
    {
        using var disk = new SmallDisk();
        await using var both = await LinkedProcesses.StartAsync(state: Path.Combine(disk.Path, "state"));
        await using var target = LoopbackTarget.Echo();
        var ports = new[] { FreePorts.Take(), FreePorts.Take() };
        Assert.Equal(201, (await both.CreateAsync(ports[0], target.Port)).Status);
        disk.Fill();
        var made = await both.CreateAsync(ports[1], target.Port);
        Assert.Equal("listening", made.Body.GetProperty("status").GetProperty("applied").GetProperty("state").GetString());
        Assert.True(await Peer.IsServedAsync(ports[1]));
        await both.Edge.SaysAsync("cannot be saved");
        await RestartAsync(both, 1);
        Assert.True(await Peer.IsServedAsync(ports[0]));
        await Eventually.Holds(() => ControlledEdge.IsOpen(ports[1]), "the newer plan comes by the link");
        await both.Edge.SaysAsync("cannot be saved");

        disk.Free();
        await both.Edge.SaysAsync("is saved to");
        await RestartAsync(both, 2);
        Assert.True(await Peer.IsServedAsync(ports[1]));
    }

    /// <summary>Kills the edge; the next starts from what is on the disk.</summary>
    private static async Task RestartAsync(LinkedProcesses both, int rules)
    {
        await both.Edge.SignalAsync("KILL");
        await both.Edge.DisposeAsync();
        both.Run();
        await both.Edge.SaysAsync($"from disk with {rules} rules is in force: {rules} listen");
    }
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A machine was copied with its disk: two edges with one credential, of which one at a time is the edge.</summary>
public sealed class ClonedHostTests
{
    [Fact]
    public async Task Clone_IsRefusedWhileTheFirstLives_AndTakesOverOnceItIsSilent()
    {
        await using var both = await LinkedProcesses.StartAsync();
        await using var target = LoopbackTarget.Echo();
        var (first, second) = (FreePorts.Take(), FreePorts.Take());
        Assert.Equal(201, (await both.CreateAsync(first, target.Port)).Status);
        using var peer = await Peer.ConnectAsync(first);
        await using var clone = both.RunClone();
        await clone.SaysAsync("another machine with this edge's credential is connected");
        Assert.Equal(0, both.Edge.Count("There is no link"));
        Assert.Equal(201, (await both.CreateAsync(second, target.Port)).Status);
        Assert.True(await Peer.IsServedAsync(second));
        Assert.True(await peer.EchoesAsync());

        await both.Edge.SignalAsync("STOP");
        try
        {
            await clone.SaysAsync("The link to ");
        }
        finally
        {
            await both.Edge.SignalAsync("CONT");
        }

        // The one that was silent is the second now, and goes on by its plan.
        await both.Edge.SaysAsync("another machine with this edge's credential is connected");
        Assert.True(await peer.EchoesAsync());
        Assert.Equal(1, clone.Count("There is no link"));
    }
}

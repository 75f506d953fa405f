using Portunus.Edge.Link;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The control plane as edges meet it: its key is changed under them, and it goes and comes.</summary>
public sealed class LinkKeyTests : IAsyncLifetime
{
    private LinkedProcesses _both = null!;

    public async Task InitializeAsync() => _both = await LinkedProcesses.StartAsync();

    public async Task DisposeAsync() => await _both.DisposeAsync();

    [Fact]
    public async Task Rotated_ConnectedEdgeStaysAndOneThatWasAwayIsNamed()
    {
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        Assert.Equal(201, (await _both.CreateAsync(port, target.Port)).Status);
        using var peer = await Peer.ConnectAsync(port);
        var (link, first) = (await _both.LinkAsync(), await PinAsync());

        var said = await _both.VerbAsync("link", "rotate-key");

        var second = await PinAsync();
        Assert.NotEqual(first, second);
        Assert.Contains($"The key of the link is {second} now; 1 edge has it.", said, StringComparison.Ordinal);
        Assert.DoesNotContain("must be enrolled again", said, StringComparison.Ordinal);
        Assert.Equal(link, await _both.LinkAsync());
        Assert.True(await peer.EchoesAsync());

        await StopEdgeAsync();
        _both.Run();
        await _both.ConnectedAsync();
        Assert.Equal(second, await PinAsync());

        await StopEdgeAsync();
        said = await _both.VerbAsync("link", "rotate-key", "--wait", "0");
        Assert.Contains($"north ({_both.EdgeId}) has not and must be enrolled again.", said, StringComparison.Ordinal);
        Assert.Contains("; 0 edges have it.", said, StringComparison.Ordinal);
        _both.Run();
        await _both.Edge.SaysAsync("which is none of the control plane's");
        Assert.False((await _both.LinkAsync()).Connected);

        // Without a restart: the file is read again with each try.
        await _both.EnrolAsync();
        await _both.ConnectedAsync();
        Assert.NotEqual(second, await PinAsync());
        using var again = await Peer.ConnectAsync(port);
        Assert.True(await again.EchoesAsync());
    }

    [Fact]
    public async Task ControlPlaneStopped_EdgeSaysThatItWasAnOrderlyStop()
    {
        Assert.Equal(0, await _both.Web.StopAsync());
        await _both.Edge.SaysAsync("because the control plane goes down");
        await _both.Web.DisposeAsync();
        await _both.ServeAsync();
        await _both.ConnectedAsync();
    }

    /// <summary>The one that the edge has on its disk, where there are two until it hears of the switch.</summary>
    private async Task<string> PinAsync()
    {
        var pins = () => new CredentialsFile(_both.Credentials).TryRead(out _)!.Pins;
        await Eventually.Holds(() => pins().Count == 1, "one key is left");
        return pins()[0];
    }

    private async Task StopEdgeAsync()
    {
        await _both.Edge.SignalAsync("KILL");
        await _both.Edge.DisposeAsync();
        await Eventually.Holds(async () => !(await _both.LinkAsync()).Connected, "the link is told to be down");
    }
}

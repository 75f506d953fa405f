using System.Text.Json;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Control plane and edge as they are run: rules from a request to a port, and one of the two killed on the way.</summary>
public sealed class LinkedPlaneTests : IAsyncLifetime
{
    private LinkedProcesses _both = null!;
    private LoopbackTarget _target = null!;

    public async Task InitializeAsync()
    {
        _target = LoopbackTarget.Echo();
        _both = await LinkedProcesses.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _both.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Fact]
    public async Task Rule_ListensBeforeItsRequestIsAnswered()
    {
        var port = FreePorts.Take();
        var made = await _both.CreateAsync(port, _target.Port);
        Assert.True(made.Status == 201, made.Text);
        Assert.Equal(("listening", "enabled"), (Fact(made.Body, "applied", "state"), Fact(made.Body, "desired", "state")));
        Assert.True(await Peer.IsServedAsync(port));
        await Eventually.Holds(async () => Fact((await _both.Root.GetAsync($"/v1/rules/{made["id"]}")).Body, "forwarding", "state") == "ok", "the counters say that it forwards");
    }

    [Fact]
    public async Task ControlPlaneKilledWhileItPushes_StopsNoFlowAndConverges()
    {
        var steady = FreePorts.Take();
        Assert.Equal(201, (await _both.CreateAsync(steady, _target.Port)).Status);
        using var peer = await Peer.ConnectAsync(steady);
        for (var kill = 0; kill < 3; kill++)
        {
            var making = MakeAsync(30);
            await Eventually.Holds(async () => (await TryListAsync())?.Count > 3 * kill, "rules are being made");
            await _both.KillWebAsync();
            await making;
            Assert.True(await peer.EchoesAsync());
            await _both.ServeAsync();
        }

        await Eventually.Holds(
            async () => await TryListAsync() is { Count: > 0 } rules && rules.All(rule => Fact(rule, "applied", "state") == "listening"), "every rule that is stored listens");
        foreach (var rule in (await TryListAsync())!)
        {
            Assert.True(await Peer.IsServedAsync(rule.GetProperty("listen_port").GetInt32()));
        }

        Assert.True(await peer.EchoesAsync());
    }

    [Fact]
    public async Task EdgeKilled_ComesBackWithItsRulesAndSaysSo()
    {
        var port = FreePorts.Take();
        var made = await _both.CreateAsync(port, _target.Port);
        await _both.Edge.SignalAsync("KILL");
        await _both.Edge.DisposeAsync();
        await Eventually.Holds(async () => !(await _both.EdgeAsync()).Body.GetProperty("link").GetProperty("connected").GetBoolean(), "the link is told to be down");
        Assert.Equal("listening", Fact((await _both.Root.GetAsync($"/v1/rules/{made["id"]}")).Body, "applied", "state"));

        var changed = await _both.Root.PatchAsync($"/v1/rules/{made["id"]}", new { note = "while it was away" });
        Assert.Equal("waiting", Fact(changed.Body, "applied", "state"));
        _both.Run();
        await Eventually.Holds(async () => Fact((await _both.Root.GetAsync($"/v1/rules/{made["id"]}")).Body, "applied", "state") == "listening", "it has taken the change up");
        Assert.True(await Peer.IsServedAsync(port));
    }

    /// <summary>Makes rules until there is nobody to make them.</summary>
    private async Task MakeAsync(int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                await _both.CreateAsync(FreePorts.Take(), _target.Port, "0");
            }
        }
        catch (HttpRequestException)
        {
            // Killed, as it was to be.
        }
    }

    private async Task<List<JsonElement>?> TryListAsync()
    {
        try
        {
            return [.. (await _both.Root.GetAsync("/v1/rules?limit=1000")).Body.GetProperty("items").EnumerateArray()];
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Fact(JsonElement rule, string fact, string field) => rule.GetProperty("status").GetProperty(fact).GetProperty(field).GetString()!;
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>An edge and its control plane on two machines, and the cable between them pulled while streams and datagrams run through the edge.</summary>
public sealed class LinkCutTests
{
    [RootFact("ip")]
    public async Task Cable_PulledForAWhile_LosesNothingAndConverges()
    {
        using var cable = new LinkCable();
        await using var both = await LinkedProcesses.StartAsync(cable);
        await using var traffic = await CheckedTraffic.StartAsync(both);
        cable.Cut();
        await using var target = both.OnEdge(() => LoopbackTarget.Echo());
        var port = FreePorts.Take();
        var made = await both.CreateAsync(port, target.Port, "0");
        Assert.Equal("waiting", Applied(made));
        await Eventually.Holds(async () => !await both.IsConnectedAsync(), "the link is told to be down");
        Assert.Equal("silent", (await both.EdgeAsync()).Body.GetProperty("link").GetProperty("closed_why").GetString());
        await both.Edge.SaysAsync("There is no link");
        await traffic.FlowsAsync();
        Assert.Equal(("waiting", "waiting"), (Applied(made), Applied(await both.Root.GetAsync($"/v1/rules/{made["id"]}"))));

        cable.Mend();
        await Eventually.Holds(async () => Applied(await both.Root.GetAsync($"/v1/rules/{made["id"]}")) == "listening", "the rule listens");
        Assert.True(await both.IsConnectedAsync());
        using (var peer = await both.OnEdge(() => Peer.ConnectAsync(port)))
        {
            Assert.True(await peer.EchoesAsync());
        }

        await traffic.EndsInTheLedgerAsync();
    }

    [RootFact("ip")]
    public async Task Cable_PulledTenTimes_LosesNothingAndConverges()
    {
        using var cable = new LinkCable();
        await using var both = await LinkedProcesses.StartAsync(cable);
        await using var traffic = await CheckedTraffic.StartAsync(both);
        await using var target = both.OnEdge(() => LoopbackTarget.Echo());
        var rules = new List<string>();
        for (var pull = 0; pull < 10; pull++)
        {
            cable.Cut();
            rules.Add((await both.CreateAsync(FreePorts.Take(), target.Port, "0"))["id"]);
            await traffic.FlowsAsync();
            cable.Mend();
            await traffic.FlowsAsync();
        }

        foreach (var rule in rules)
        {
            await Eventually.Holds(async () => Applied(await both.Root.GetAsync($"/v1/rules/{rule}")) == "listening", "every rule listens");
        }

        await traffic.EndsInTheLedgerAsync();
    }

    private static string Applied(WebAnswer rule) => rule.Body.GetProperty("status").GetProperty("applied").GetProperty("state").GetString()!;
}

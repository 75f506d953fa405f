using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>An edge and its control plane on two machines, and the cable between them pulled while streams and datagrams run through the edge.</summary>
public sealed class LinkCutTests
{
    [RootFact("ip")]
    public async Task Cable_PulledTenTimes_LosesNothingAndConverges()
    {
        using var cable = new LinkCable();
        await using var both = await LinkedProcesses.StartAsync(cable);
        await using var traffic = await CheckedTraffic.StartAsync(both);
        var rules = new List<string>();
        for (var pull = 0; pull < 10; pull++)
        {
            cable.Cut();
            rules.Add((await both.CreateAsync(FreePorts.Take(), traffic.Target, "0"))["id"]);
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

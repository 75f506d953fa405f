using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Both programs under load and one of them killed: the ledger comes to what was received.</summary>
public sealed class LedgerJourneyTests
{
    /// <summary>What a flow may move in one turn before it is counted.</summary>
    private const long Turn = 1 << 20;

    [Fact]
    public async Task ControlPlaneKilledUnderLoad_LedgerIsWhatWasReceived()
    {
        await using var both = await LinkedProcesses.StartAsync();
        await using var traffic = await CheckedTraffic.StartAsync(both);
        await Eventually.Holds(() => both.Ledger(traffic.Rule).BytesIn > 0, "something is in the ledger");
        for (var kill = 1; kill <= 2; kill++)
        {
            // The second comes with what the first kept from the ledger on its way.
            await both.Edge.SaysAsync("The link to ", times: kill);
            await both.KillWebAsync();
            await traffic.FlowsAsync();
            await both.ServeAsync();
        }

        await traffic.EndsInTheLedgerAsync();
    }

    [Fact]
    public async Task EdgeKilledUnderLoad_LedgerIsOffByOneTurnOfEachFlowAtMost()
    {
        const int Flows = 4;
        await using var both = await LinkedProcesses.StartAsync();
        await using var target = new LoopbackTarget();
        var port = FreePorts.Take();
        var made = await both.CreateAsync(port, target.Port);
        Assert.True(made.Status == 201, made.Text);
        var received = 0L;
        for (var kill = 1; kill <= 2; kill++)
        {
            var pours = new List<(Peer From, Peer To, Task<long> Pouring, Task<long> Discarding)>();
            for (var flow = 0; flow < Flows; flow++)
            {
                var from = await Peer.ConnectAsync(port);
                var to = await target.AcceptedAsync();
                pours.Add((from, to, from.PourAsync(CancellationToken.None), to.DiscardAsync()));
            }

            var before = both.Ledger(made["id"]).BytesIn;
            await Eventually.Holds(() => both.Ledger(made["id"]).BytesIn > before + (Flows * Turn), "the ledger fills");
            await both.Edge.SignalAsync("KILL");
            await both.Edge.DisposeAsync();
            foreach (var (from, to, pouring, discarding) in pours)
            {
                received += await Eventually.Within(discarding);
                await Eventually.Within(pouring);
                from.Dispose();
                to.Dispose();
            }

            both.Run();
            await Eventually.Holds(() => both.IsSettled(made["id"]), "the last counters of the killed edge are in the ledger");
            Assert.InRange(both.Ledger(made["id"]).BytesIn - received, -kill * Flows * Turn, kill * Flows * Turn);
            await Eventually.Holds(() => ControlledEdge.IsOpen(port), "the rule listens again");
            // The look at the port was a connection of its own, to the target as well.
            using var look = await target.AcceptedAsync();
        }
    }
}

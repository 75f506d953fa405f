using Portunus.Load.Loads;
using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>Resident memory of fresh forwarders without flows and with many idle ones.</summary>
internal sealed class MemoryRows(PeerStarter starter, Ledger ledger)
{
    private const int Flows = 8000;
    private const int WarmFlows = 200;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    public async Task MeasureAsync(IReadOnlyList<PeerSpec> peers, LoadOptions options, CancellationToken stop)
    {
        var flows = DescriptorLimit.Affordable(Flows, 2);
        if (flows < Flows)
        {
            await Console.Error.WriteLineAsync($"memory: the limit of open files allows {flows} idle flows, not {Flows}");
        }

        var repeats = options.Quick ? 1 : 3;
        for (var round = 0; round < repeats; round++)
        {
            foreach (var peer in PeerList.Rotated(peers, round).Where(peer => peer.IsForwarder && !IsTwin(peer, peers)))
            {
                await MeasureAsync(round, peer, flows, stop);
            }
        }
    }

    private async Task MeasureAsync(int round, PeerSpec peer, int flows, CancellationToken stop)
    {
        await using var running = await starter.StartIdleAsync(peer, stop);
        using var idle = new IdleFlows();
        await Task.Delay(s_settle, stop);
        var fresh = running.ReadMemory();

        // The first flows also pay for code and tables that serve all later ones: the cost of a flow is counted from there.
        await idle.OpenAsync(peer.IdlePort, WarmFlows, stop);
        await Task.Delay(s_settle, stop);
        var warm = running.ReadMemory();
        await idle.OpenAsync(peer.IdlePort, flows - WarmFlows, stop);
        await Task.Delay(s_settle, stop);
        var held = running.ReadMemory();

        var each = (double)(held.ResidentKiB - warm.ResidentKiB) / (flows - WarmFlows);
        ledger.Add(round, peer.Name, Figures.IdleResident, fresh.ResidentKiB / 1024.0);
        ledger.Add(round, peer.Name, Figures.HeldResident, held.ResidentKiB / 1024.0);
        ledger.Add(round, peer.Name, Figures.HeldFlows, flows);
        ledger.Add(round, peer.Name, Figures.PerFlow, each);
        await Console.Error.WriteLineAsync(
            $"  memory {peer.Name}: {fresh.ResidentKiB / 1024.0:0.0} MiB, {held.ResidentKiB / 1024.0:0.0} MiB with {flows} flows, {each:0.00} KiB each");
    }

    /// <summary>HAProxy's two variants differ by splicing only, which this row does without: one of them is enough.</summary>
    private static bool IsTwin(PeerSpec peer, IReadOnlyList<PeerSpec> peers) =>
        peer.Name == PeerList.HaproxyLarge && peers.Any(other => other.Name == PeerList.HaproxyDefault);
}

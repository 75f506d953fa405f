using Portunus.Load.Datagrams;
using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>Resident memory of fresh forwarders without datagram flows and with many idle ones. What the kernel keeps for their sockets is not in it.</summary>
internal sealed class UdpMemoryRows(PeerStarter starter, Ledger ledger)
{
    private const int Flows = 8000;
    private const int WarmFlows = 200;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    public async Task MeasureAsync(IReadOnlyList<PeerSpec> peers, LoadOptions options, CancellationToken stop)
    {
        var flows = DescriptorLimit.Affordable(Flows, 1);
        using var echo = new Echo(PeerList.EchoTarget);
        var repeats = options.Quick ? 1 : 3;
        for (var round = 0; round < repeats; round++)
        {
            foreach (var peer in PeerList.Rotated(peers, round).Where(peer => peer.IsForwarder))
            {
                await MeasureAsync(round, peer, flows, stop);
            }
        }
    }

    private async Task MeasureAsync(int round, PeerSpec peer, int flows, CancellationToken stop)
    {
        await using var running = await starter.StartUdpAsync(peer, stop);
        using var idle = new IdleSources();
        await Task.Delay(s_settle, stop);
        var fresh = running.ReadMemory();
        await idle.OpenAsync(peer.EchoPort, 0, WarmFlows, stop);
        await Task.Delay(s_settle, stop);
        var warm = running.ReadMemory();
        await idle.OpenAsync(peer.EchoPort, WarmFlows, flows, stop);
        await Task.Delay(s_settle, stop);
        var held = running.ReadMemory();

        var each = (double)(held.ResidentKiB - warm.ResidentKiB) / (flows - WarmFlows);
        ledger.Add(round, peer.Name, Figures.UdpIdleResident, fresh.ResidentKiB / 1024.0);
        ledger.Add(round, peer.Name, Figures.UdpHeldResident, held.ResidentKiB / 1024.0);
        ledger.Add(round, peer.Name, Figures.UdpHeldFlows, flows);
        ledger.Add(round, peer.Name, Figures.UdpPerFlow, each);
        await Console.Error.WriteLineAsync(
            $"  udpmemory {peer.Name}: {fresh.ResidentKiB / 1024.0:0.0} MiB, {held.ResidentKiB / 1024.0:0.0} MiB with {flows} flows, {each:0.00} KiB each");
    }
}

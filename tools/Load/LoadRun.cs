using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>A run inside the namespace: prepares it, measures, reports. 0 when every promise that was measured is kept and no reading failed, else 1.</summary>
internal static class LoadRun
{
    public static async Task<int> RunAsync(LoadOptions options, string folder, CancellationToken stop)
    {
        var peers = PeerList.All.Where(peer => options.Peers.Contains(peer.Name)).ToArray();
        var udpPeers = PeerList.Udp.Where(peer => options.Peers.Contains(peer.Name)).ToArray();
        var withEdge = peers.Any(peer => peer.Name == PeerList.Edge);
        var edge = withEdge ? EdgeProgram.Find(options.EdgeProgram) : "";
        var description = withEdge ? EdgeProgram.Describe(edge) : "no edge";
        var machine = MachineLine.Read();
        Console.WriteLine($"{machine}\n{description}\n{options.Rounds} round(s) of runs of {options.Seconds} s, {PeerStarter.Threads} threads for each forwarder\n");
        await PrepareAsync(stop);

        var ledger = new Ledger();
        var starter = new PeerStarter(folder, edge);
        var before = MachineCpu.Take();
        if (withEdge && options.Measures("start"))
        {
            await new StartRows(starter, ledger).MeasureAsync(options, stop);
        }

        if (options.Measures("memory"))
        {
            await new MemoryRows(starter, ledger).MeasureAsync(peers, options, stop);
        }

        if (options.Measures("udpmemory"))
        {
            await new UdpMemoryRows(starter, ledger).MeasureAsync(udpPeers, options, stop);
        }

        var rounds = new Rounds(options, peers, starter, ledger);
        await using (rounds)
        {
            await rounds.RunAsync(stop);
        }

        var udpRounds = new UdpRounds(options, udpPeers, starter, ledger);
        await using (udpRounds)
        {
            await udpRounds.RunAsync(stop);
        }

        var verdicts = RequirementList.All.Where(requirement => options.Measures(requirement.Measurement))
            .Select(requirement => requirement.Judge(ledger, PeerList.Edge)).ToArray();
        Console.WriteLine($"\n{Report.Write(ledger, verdicts)}");
        WriteDoubts(rounds.Failed + udpRounds.Failed, Math.Max(rounds.Foreign, udpRounds.Foreign), MachineCpu.Take().StolenSecondsSince(before));
        WriteDoubts(udpRounds);

        if (options.JsonFile is { } file)
        {
            await using var target = File.Create(file);
            JsonReport.Write(target, machine, description, ledger, verdicts);
        }

        return rounds.Failed + udpRounds.Failed > 0 || verdicts.Any(verdict => verdict.IsMet == false) ? 1 : 0;
    }

    /// <summary>Reasons not to believe the figures.</summary>
    private static void WriteDoubts(int failed, double foreign, double stolen)
    {
        if (failed > 0)
        {
            Console.WriteLine($"{failed} readings FAILED and are missing above; the lines while measuring say why.");
        }

        if (foreign > 0.05)
        {
            Console.WriteLine($"The machine is not quiet: other programs kept it up to {foreign:P0} busy in the looks before the rounds.");
        }

        if (stolen > 1)
        {
            Console.WriteLine($"Other guests of the host took {stolen:0.0} s of CPU from this machine meanwhile.");
        }
    }

    private static void WriteDoubts(UdpRounds rounds)
    {
        if (rounds.DroppedBySink > 0)
        {
            Console.WriteLine($"The sink of the datagrams lost {rounds.DroppedBySink} itself: loss above is not all the forwarders'.");
        }

        if (rounds.LeastSent < 0.95)
        {
            Console.WriteLine($"The sender of the datagrams was kept from its CPU: in one run it sent {rounds.LeastSent:P0} of what was to be offered.");
        }
    }

    private static async Task PrepareAsync(CancellationToken stop)
    {
        // The kernel's own default, whatever the host has: BBR paces by round trips, which over loopback measures its own timers (16 Gbit/s
        // where cubic passes 44, and CPU per GiB that differs by two between runs).
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/tcp_congestion_control", "cubic", stop);

        // Thousands of connections a second need many ports, and none of them may be one that a peer is about to bind.
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", $"{PeerList.FirstEphemeralPort} 60999", stop);
    }
}

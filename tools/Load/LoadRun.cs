using Portunus.Load.Machine;
using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>A run inside the namespace: prepares it, measures, reports. 0 when every promise that was measured is kept, else 1.</summary>
internal static class LoadRun
{
    public static async Task<int> RunAsync(LoadOptions options, string folder, CancellationToken stop)
    {
        var peers = PeerList.All.Where(peer => options.Peers.Contains(peer.Name)).ToArray();
        var withEdge = peers.Any(peer => peer.Name == PeerList.Edge);
        var edge = withEdge ? EdgeProgram.Find(options.EdgeProgram) : "";
        var description = withEdge ? EdgeProgram.Describe(edge) : "no edge";
        var machine = MachineLine.Read();
        Console.WriteLine($"{machine}\n{description}\n{options.Rounds} rounds of {options.Seconds} s runs, {PeerStarter.Threads} threads for each forwarder\n");
        await PrepareAsync(peers, stop);

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

        await using (var rounds = new Rounds(options, peers, starter, ledger))
        {
            await rounds.RunAsync(stop);
        }

        var verdicts = RequirementList.All.Select(requirement => requirement.Judge(ledger, PeerList.Edge)).ToArray();
        Console.WriteLine($"\n{Report.Write(ledger, verdicts)}");
        if (MachineCpu.Take().StolenSecondsSince(before) is > 1 and var stolen)
        {
            Console.WriteLine($"Other guests of the host took {stolen:0.0} s of CPU from this machine meanwhile.");
        }

        if (options.JsonFile is { } file)
        {
            await using var target = File.Create(file);
            JsonReport.Write(target, machine, description, ledger, verdicts);
        }

        return verdicts.Any(verdict => verdict.IsMet == false) ? 1 : 0;
    }

    private static async Task PrepareAsync(IReadOnlyList<PeerSpec> peers, CancellationToken stop)
    {
        // Thousands of connections a second need many ports, and none of them may be one that a peer is about to bind.
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", $"{PeerList.FirstEphemeralPort} 60999", stop);
        if (peers.FirstOrDefault(peer => peer.Name == PeerList.Redirect) is not { } redirect)
        {
            return;
        }

        foreach (var (port, target) in new[] { (redirect.BulkPort, PeerList.BulkTarget), (redirect.HttpPort, PeerList.HttpTarget) })
        {
            await CommandRun.MustRunAsync(
                "iptables",
                ["-t", "nat", "-A", "OUTPUT", "-p", "tcp", "-d", "127.0.0.1", "--dport", $"{port}", "-j", "REDIRECT", "--to-ports", $"{target}"],
                stop);
        }
    }
}

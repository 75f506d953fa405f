using Portunus.Load.Peers;

namespace Portunus.Load.Results;

/// <summary>What the edge promises beside its peers.</summary>
internal static class RequirementList
{
    private static readonly string[] s_haproxy = [PeerList.HaproxyDefault, PeerList.HaproxyLarge];
    private static readonly string[] s_nginx = [PeerList.NginxSmall, PeerList.NginxLarge];

    public static IReadOnlyList<Requirement> All { get; } = [.. Make()];

    private static IEnumerable<Requirement> Make()
    {
        foreach (var (streams, large) in new[] { (1, 1.05), (8, 0.85) })
        {
            var name = streams == 1 ? "1 stream" : $"{streams} streams";
            yield return new($"throughput, {name}, × HAProxy", $"bulk{streams}.gbps", true, 1.0) { Against = s_haproxy };
            yield return new($"throughput, {name}, × nginx", $"bulk{streams}.gbps", true, 1.1) { Against = s_nginx };
            yield return new($"CPU per GiB, {name}, × HAProxy with 1 MiB pipes", $"bulk{streams}.cpu", false, large) { Against = [PeerList.HaproxyLarge] };
            yield return new($"CPU per GiB, {name}, × HAProxy with default pipes", $"bulk{streams}.cpu", false, 0.75) { Against = [PeerList.HaproxyDefault] };
            yield return new($"CPU per GiB, {name}, × nginx", $"bulk{streams}.cpu", false, 0.4) { Against = s_nginx };
        }

        foreach (var rate in Figures.Offered)
        {
            var figure = Figures.Sweep(rate);
            yield return rate switch
            {
                <= 10 => new($"offered {rate} Gbit/s, delivered", figure, true, 0.99),
                <= 15 => new($"offered {rate} Gbit/s, delivered × REDIRECT", figure, true, 0.95) { Against = [PeerList.Redirect] },
                _ => new($"offered {rate} Gbit/s, delivered × HAProxy", figure, true, 1.0) { Against = s_haproxy },
            };
        }

        yield return new("CPU per new connection, × HAProxy", "conn.cpu", false, 0.85) { Against = s_haproxy };
        yield return new("CPU per new connection, × nginx", "conn.cpu", false, 1.0) { Against = s_nginx };
        yield return new("CPU per small request, × HAProxy", "req.cpu", false, 0.75) { Against = s_haproxy };
        yield return new("CPU per small request, × nginx", "req.cpu", false, 0.9) { Against = s_nginx };
        yield return new("capped at 100 MB/s: off by % over 10 s, every round", Figures.CapError, false, 2.0) { EveryRound = true };
        yield return new("capped at 100 MB/s: CPU per GiB × uncapped and paced", Figures.CapCpu, false, 1.3) { Against = [Figures.EdgePaced] };
        yield return new("resident at start with 100 rules, MiB", Figures.StartResident, false, 45);
        yield return new("memory per idle flow, KiB", Figures.PerFlow, false, 3);
        yield return new("exec to listening, s", Figures.StartSeconds, false, 0.3);

        foreach (var (flows, text, bound) in new[] { (1, "1 flow", 0.5), (1000, "1,000 flows", 0.9) })
        {
            yield return new($"CPU per datagram, {text}, × nginx", $"udp{flows}.cpu", false, bound) { Against = Figures.NginxUdp };
            yield return new($"loss at 1 Gbit/s, {text}: points above nginx", $"udp{flows}.excess", false, 0);
            yield return new($"datagrams doubled, misrouted or damaged, {text}, every round", $"udp{flows}.wrong", false, 0) { EveryRound = true };
            yield return new($"loss in the sweep, {text}: points above nginx, every load", $"udpsweep.excess{flows}", false, 0) { EveryRound = true };
        }

        yield return new("memory per idle UDP flow, KiB", Figures.UdpPerFlow, false, 1);
    }
}

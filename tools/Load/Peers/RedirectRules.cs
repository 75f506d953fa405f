using Portunus.Load.Machine;

namespace Portunus.Load.Peers;

/// <summary>
/// The iptables REDIRECT rules. In force only while REDIRECT itself is measured: as long as a NAT rule exists the kernel tracks every
/// connection of the namespace, at everybody's cost: about 10 µs a connection (edge 78 with the rules and 67 without, HAProxy 85 and
/// 74, nginx 77 and 64), which brings the ratios closer together.
/// </summary>
internal static class RedirectRules
{
    public static async Task SwitchAsync(PeerSpec redirect, bool on, CancellationToken stop)
    {
        foreach (var (port, target) in new[] { (redirect.BulkPort, PeerList.BulkTarget), (redirect.HttpPort, PeerList.HttpTarget) })
        {
            await CommandRun.MustRunAsync(
                "iptables",
                ["-t", "nat", on ? "-A" : "-D", "OUTPUT", "-p", "tcp", "-d", "127.0.0.1", "--dport", $"{port}", "-j", "REDIRECT", "--to-ports", $"{target}"],
                stop);
        }
    }
}

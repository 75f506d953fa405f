using System.Net;
using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleFiles;

/// <summary>What is allowed in a rule file and likely a mistake.</summary>
internal static class RuleFileWarnings
{
    public static void Find(RuleTables rules, SettingsTables settings, PortRange? outgoingPorts, FileProblemList warnings)
    {
        if (settings.MetricsListen is { } listen && !IPAddress.IsLoopback(listen.Address))
        {
            Add(warnings, "metrics_exposed", settings.MetricsPlaces, "listen", $"Metrics are for everybody who reaches {listen.Address}; they ask for no password.");
        }

        for (var i = 0; i < rules.Claims.Count; i++)
        {
            var (rule, table) = (rules.Claims[i], rules.Claimants[i]);
            if (outgoingPorts is { } outgoing && rule.ListenPorts.Overlaps(outgoing))
            {
                var ports = rule.ListenPorts.IsSingle ? $"Port {rule.ListenPorts} is one of" : $"Ports {rule.ListenPorts} overlap";
                Add(warnings, "outgoing_ports_overlap", table.Places, rule.ListenPorts.IsSingle ? "listen_port" : "listen_ports",
                    $"{ports} {outgoing}, from which the system takes the ports of outgoing connections; reserve them with "
                    + "net.ipv4.ip_local_reserved_ports, or one may be taken when the rule wants to listen.");
            }

            if (outgoingPorts is { } upstream && rule.Protocol == TransportProtocol.Udp && rule.UdpMaxFlows > upstream.Length && table.Places.Has("udp_max_flows"))
            {
                Add(warnings, "outgoing_ports_few", table.Places, "udp_max_flows",
                    $"Each UDP flow takes one of the {upstream.Length} ports ({upstream}) that the system has for outgoing connections; {rule.UdpMaxFlows} flows are more than that.");
            }

            FindUnused(rule, table, warnings);
        }

        FindSleepingCollisions(rules, warnings);
        FindUnusedDefaults(rules, warnings);
    }

    /// <summary>Keys of a rule that mean nothing for its protocol or its policy.</summary>
    private static void FindUnused(CheckedRule rule, RuleTable table, FileProblemList warnings)
    {
        var isTcp = rule.Protocol == TransportProtocol.Tcp;
        string[] idle = isTcp ? ["udp_idle_seconds", "udp_max_flows"] : ["idle_seconds", "connect_timeout_ms"];
        foreach (var field in idle.Where(table.Places.Has))
        {
            var other = isTcp ? "udp" : "tcp";
            Add(warnings, "no_effect", table.Places, field, $"{table.Places.Called(field)} has an effect only where protocol is {other}.");
        }

        var weighted = rule.Balance == BalancePolicy.First ? table.Spec.Targets?.ToList().FindIndex(target => target.Weight is not (null or 1)) : null;
        if (weighted >= 0)
        {
            Add(warnings, "no_effect", table.Places, $"targets[{weighted}].weight", "weight has no effect where balance is first, as it is unless the file says otherwise.");
        }
    }

    /// <summary>A disabled rule claims nothing, and will be refused the day it is enabled.</summary>
    private static void FindSleepingCollisions(RuleTables rules, FileProblemList warnings)
    {
        if (rules.Claims.All(rule => rule.Enabled))
        {
            return;
        }

        var awake = rules.Claims.Select(rule => rule with { Enabled = true }).ToList();
        foreach (var collision in PortClaims.FindCollisions(awake))
        {
            var (sleeper, other) = rules.Claims[collision.Second].Enabled ? (collision.First, collision.Second) : (collision.Second, collision.First);
            if (!rules.Claims[sleeper].Enabled && PortClaims.Collide(awake[other], awake[sleeper]) is { } problem)
            {
                Add(warnings, "disabled_collision", rules.Claimants[sleeper].Places, problem.Field, $"This rule is disabled and could not be enabled: {problem.Text}");
            }
        }
    }

    /// <summary>Defaults that no rule takes, or that mean nothing to those that take them.</summary>
    private static void FindUnusedDefaults(RuleTables rules, FileProblemList warnings)
    {
        if (rules.Claims.Count == 0 || rules.Claims.Count != rules.Tables.Count)
        {
            return;
        }

        foreach (var field in RuleFileKeys.Defaults.Names.Where(rules.Defaults.Places.Has))
        {
            TransportProtocol? only = field.StartsWith("udp_", StringComparison.Ordinal) ? TransportProtocol.Udp
                : field is "idle_seconds" or "connect_timeout_ms" ? TransportProtocol.Tcp : null;
            var isUsed = rules.Claims.Zip(rules.Claimants).Any(pair =>
                !pair.Second.Places.Has(field) && (only is null || pair.First.Protocol == only));
            if (!isUsed)
            {
                Add(warnings, "default_unused", rules.Defaults.Places, field, $"No rule takes {rules.Defaults.Places.Called(field)} from [defaults].");
            }
        }
    }

    private static void Add(FileProblemList warnings, string code, FieldPlaces places, string field, string text)
    {
        var (path, place) = places.Find(field);
        warnings.Add(code, path, text, place);
    }
}

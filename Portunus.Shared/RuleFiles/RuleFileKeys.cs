namespace Portunus.Shared.RuleFiles;

/// <summary>Every key of a rule file.</summary>
public static class RuleFileKeys
{
    private static readonly Dictionary<string, string> s_oldIdle = new() { ["udp_flow_idle_secs"] = "udp_idle_seconds" };

    internal static FileKeys Top { get; } = new("the file", "", ["global", "defaults", "stats", "metrics", "rule"]);

    internal static FileKeys Global { get; } = new("[global]", "global",
        ["label", "log_level", "log_format", "shutdown_drain_secs", "reload_flows"]);

    internal static FileKeys Defaults { get; } = new("[defaults]", "defaults",
        ["protocol", "balance", "prefer_ipv6", "connect_timeout_ms", "idle_seconds", "udp_idle_seconds", "udp_max_flows"])
    {
        OldNames = s_oldIdle,
    };

    internal static FileKeys Stats { get; } = new("[stats]", "stats", ["enabled", "socket_path", "refresh_ms"]);

    internal static FileKeys Metrics { get; } = new("[metrics]", "metrics", ["listen"]);

    internal static FileKeys Rule { get; } = new("[[rule]]", "rule",
    [
        "name", "protocol", "listen_address", "listen_port", "listen_ports", "target", "targets", "balance", "prefer_ipv6", "sni",
        "sni_fallback", "allow", "deny", "health_check", "limits", "udp_idle_seconds", "udp_max_flows", "connect_timeout_ms",
        "idle_seconds", "accept_proxy_protocol", "proxy_protocol_from", "enabled", "note",
    ])
    {
        OldNames = s_oldIdle,
        NotInFiles = new Dictionary<string, string>
        {
            ["id"] = "a rule of a file is known by its name",
            ["edge"] = "a file belongs to the edge that reads it",
            ["owner"] = "rules of a file have no owner",
            ["expires_at"] = "rules of a file do not expire",
        },
    };

    internal static FileKeys Target { get; } = new("an entry of targets", "rule.targets",
        ["host", "port", "priority", "weight", "proxy_protocol"]);

    internal static FileKeys Limits { get; } = new("limits", "rule.limits",
    [
        "bytes_per_second_in", "bytes_per_second_out", "burst_bytes_in", "burst_bytes_out", "new_flows_per_second",
        "new_flows_burst", "concurrent_flows",
    ]);

    internal static FileKeys HealthCheck { get; } = new("health_check", "rule.health_check",
        ["interval_seconds", "timeout_ms", "rise", "fall", "probe", "send", "expect"]);

    private static readonly FileKeys[] s_tables = [Top, Global, Defaults, Stats, Metrics, Rule, Target, Limits, HealthCheck];

    /// <summary>All of them, older names included, as dotted paths without numbers: <c>rule.targets.port</c>.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. s_tables.SelectMany(table => table.Names.Concat(table.OldNames.Keys).Select(name => table.Path.Length == 0 ? name : $"{table.Path}.{name}")),
    ];

    /// <summary>What to say after "is not a key of …": the name that was probably meant, or the table that the key belongs in.</summary>
    internal static string? MeantBy(string word, FileKeys keys, out string hint)
    {
        string? meant = null;
        if (HomeOf(word, keys, isInside: true) is { } inside)
        {
            hint = $"; it belongs in {inside}.";
        }
        else if ((meant = NearestName.Find(word, keys.Names.Concat(keys.OldNames.Keys))) is not null)
        {
            hint = $"; did you mean {meant}?";
        }
        else
        {
            hint = HomeOf(word, keys, isInside: false) is { } elsewhere ? $"; it belongs in {elsewhere}." : ".";
        }

        return meant;
    }

    private static string? HomeOf(string name, FileKeys stranger, bool isInside) => s_tables.FirstOrDefault(table =>
        table != stranger && table.Path.Length > 0 && table.Names.Contains(name)
        && (!isInside || table.Path.StartsWith(stranger.Path + ".", StringComparison.Ordinal)))?.Title;
}

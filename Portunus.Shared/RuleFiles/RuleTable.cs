using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Shared.RuleFiles;

/// <summary>One <c>[[rule]]</c>, or <c>[defaults]</c>, as a spec and the places of what it says.</summary>
/// <param name="Spec">As asked; what the file says in a wrong way is absent.</param>
/// <param name="Places">Of its fields.</param>
internal sealed record RuleTable(RuleSpec Spec, FieldPlaces Places)
{
    /// <summary>Reads one rule; where it is silent the defaults speak.</summary>
    public static RuleTable Read(TomlTable toml, string path, RuleSpec defaults, FileProblemList problems)
    {
        var table = new FileTable(toml, RuleFileKeys.Rule, path, problems);
        var spec = new RuleSpec
        {
            Name = table.Text("name"),
            Protocol = table.Text("protocol") ?? defaults.Protocol,
            ListenAddress = table.Text("listen_address"),
            ListenPort = table.Number("listen_port"),
            ListenPorts = table.Text("listen_ports"),
            Target = table.Text("target"),
            Targets = Targets(table),
            Balance = table.Text("balance") ?? defaults.Balance,
            PreferIpv6 = table.Flag("prefer_ipv6") ?? defaults.PreferIpv6,
            Sni = table.TextOrTexts("sni"),
            SniFallback = table.Flag("sni_fallback"),
            Allow = table.Texts("allow"),
            Deny = table.Texts("deny"),
            HealthCheck = HealthCheck(table),
            Limits = Limits(table),
            UdpIdleSeconds = table.Number("udp_idle_seconds") ?? defaults.UdpIdleSeconds,
            UdpMaxFlows = table.Number("udp_max_flows") ?? defaults.UdpMaxFlows,
            ConnectTimeoutMs = table.Number("connect_timeout_ms") ?? defaults.ConnectTimeoutMs,
            IdleSeconds = table.Number("idle_seconds") ?? defaults.IdleSeconds,
            AcceptProxyProtocol = table.Flag("accept_proxy_protocol"),
            ProxyProtocolFrom = table.Texts("proxy_protocol_from"),
            Enabled = table.Flag("enabled"),
            Note = table.Text("note"),
        };
        return new RuleTable(spec, table.Places);
    }

    /// <summary>Reads <c>[defaults]</c>.</summary>
    public static RuleTable ReadDefaults(TomlTable toml, FileProblemList problems)
    {
        var table = new FileTable(toml, RuleFileKeys.Defaults, RuleFileKeys.Defaults.Path, problems);
        var spec = new RuleSpec
        {
            Protocol = table.Text("protocol"),
            Balance = table.Text("balance"),
            PreferIpv6 = table.Flag("prefer_ipv6"),
            ConnectTimeoutMs = table.Number("connect_timeout_ms"),
            IdleSeconds = table.Number("idle_seconds"),
            UdpIdleSeconds = table.Number("udp_idle_seconds"),
            UdpMaxFlows = table.Number("udp_max_flows"),
        };
        return new RuleTable(spec, table.Places);
    }

    private static List<TargetSpec>? Targets(FileTable rule) => rule.Tables("targets", RuleFileKeys.Target)?.Select(table => new TargetSpec
    {
        Host = table?.Text("host"),
        Port = table?.Number("port"),
        Priority = table?.Number("priority"),
        Weight = table?.Number("weight"),
        ProxyProtocol = table?.Text("proxy_protocol"),
    }).ToList();

    private static LimitSpec? Limits(FileTable rule) => rule.Table("limits", RuleFileKeys.Limits) is { } table
        ? new LimitSpec
        {
            BytesPerSecondIn = table.Number("bytes_per_second_in"),
            BytesPerSecondOut = table.Number("bytes_per_second_out"),
            BurstBytesIn = table.Number("burst_bytes_in"),
            BurstBytesOut = table.Number("burst_bytes_out"),
            NewFlowsPerSecond = table.Number("new_flows_per_second"),
            NewFlowsBurst = table.Number("new_flows_burst"),
            ConcurrentFlows = table.Number("concurrent_flows"),
        }
        : null;

    private static HealthCheckSpec? HealthCheck(FileTable rule) => rule.Table("health_check", RuleFileKeys.HealthCheck) is { } table
        ? new HealthCheckSpec
        {
            IntervalSeconds = table.Number("interval_seconds"),
            TimeoutMs = table.Number("timeout_ms"),
            Rise = table.Number("rise"),
            Fall = table.Number("fall"),
            Probe = table.Text("probe"),
            Send = table.Text("send"),
            Expect = table.Text("expect"),
        }
        : null;
}

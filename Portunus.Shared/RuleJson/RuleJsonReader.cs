using System.Text.Json;
using Portunus.Shared.Json;
using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleJson;

/// <summary>The JSON form of a rule: the same names as in a rule file. Reading does not stop at the first problem.</summary>
public static class RuleJsonReader
{
    /// <summary>The most entries of <c>targets</c> that are looked at.</summary>
    private const int MaxTargets = 8;

    /// <summary>Reads and checks a rule from JSON text.</summary>
    public static RuleJsonResult Read(ReadOnlyMemory<byte> utf8)
    {
        if (!JsonText.TryParse(utf8, out var document, out var problem))
        {
            return new RuleJsonResult(null, null, [problem]);
        }

        using (document)
        {
            return Read(document.RootElement);
        }
    }

    /// <summary>Reads and checks a rule from a document of <see cref="JsonText"/>.</summary>
    public static RuleJsonResult Read(JsonElement value)
    {
        var problems = new FieldProblems();
        return Check(ReadSpec(new JsonFields(value, RuleJsonFields.Rule, problems)), problems);
    }

    /// <summary>The rule that the fields ask for; what they say in a wrong way is absent and has been told.</summary>
    public static RuleSpec ReadSpec(JsonFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return new RuleSpec
        {
            Name = fields.Text("name"),
            Protocol = fields.Text("protocol"),
            ListenAddress = fields.Text("listen_address"),
            ListenPort = fields.Number("listen_port"),
            ListenPorts = fields.Text("listen_ports"),
            Target = fields.Text("target"),
            Targets = fields.Objects("targets", RuleJsonFields.Target, MaxTargets)?.Select(Target).ToList(),
            Balance = fields.Text("balance"),
            PreferIpv6 = fields.Flag("prefer_ipv6"),
            Sni = fields.TextOrTexts("sni"),
            SniFallback = fields.Flag("sni_fallback"),
            Allow = fields.Texts("allow"),
            Deny = fields.Texts("deny"),
            HealthCheck = fields.Object("health_check", RuleJsonFields.HealthCheck) is { } check ? HealthCheck(check) : null,
            Limits = fields.Object("limits", RuleJsonFields.Limits) is { } limits ? Limits(limits) : null,
            UdpIdleSeconds = fields.Number("udp_idle_seconds"),
            UdpMaxFlows = fields.Number("udp_max_flows"),
            ConnectTimeoutMs = fields.Number("connect_timeout_ms"),
            IdleSeconds = fields.Number("idle_seconds"),
            AcceptProxyProtocol = fields.Flag("accept_proxy_protocol"),
            ProxyProtocolFrom = fields.Texts("proxy_protocol_from"),
            Enabled = fields.Flag("enabled"),
            ExpiresAt = fields.Instant("expires_at"),
            Note = fields.Text("note"),
        };
    }

    /// <summary>Checks what was read. What only follows from a field that could not be read is not told as well.</summary>
    /// <param name="spec">From <see cref="ReadSpec"/>.</param>
    /// <param name="problems">What the reading told.</param>
    public static RuleJsonResult Check(RuleSpec spec, FieldProblems problems)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(problems);
        if (problems.IsLost(""))
        {
            return new RuleJsonResult(null, null, problems.All);
        }

        var isProtocolKnown = !problems.IsLost("protocol")
            && (spec.Protocol is null || Enum.GetNames<TransportProtocol>().Contains(spec.Protocol, StringComparer.OrdinalIgnoreCase));
        var result = RuleCheck.Check(spec);
        foreach (var problem in result.Problems.Where(problem => !problems.Explain(problem, isProtocolKnown)))
        {
            problems.Add(problem);
        }

        return problems.Any ? new RuleJsonResult(null, null, problems.All) : new RuleJsonResult(spec, result.Rule, []);
    }

    /// <summary>Limits, a rule's or an owner's, from an object with <see cref="RuleJsonFields.Limits"/>.</summary>
    public static LimitSpec Limits(JsonFields fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return new LimitSpec
        {
            BytesPerSecondIn = fields.Number("bytes_per_second_in"),
            BytesPerSecondOut = fields.Number("bytes_per_second_out"),
            BurstBytesIn = fields.Number("burst_bytes_in"),
            BurstBytesOut = fields.Number("burst_bytes_out"),
            NewFlowsPerSecond = fields.Number("new_flows_per_second"),
            NewFlowsBurst = fields.Number("new_flows_burst"),
            ConcurrentFlows = fields.Number("concurrent_flows"),
        };
    }

    private static TargetSpec Target(JsonFields fields) => new()
    {
        Host = fields.Text("host"),
        Port = fields.Number("port"),
        Priority = fields.Number("priority"),
        Weight = fields.Number("weight"),
        ProxyProtocol = fields.Text("proxy_protocol"),
    };

    private static HealthCheckSpec HealthCheck(JsonFields fields) => new()
    {
        IntervalSeconds = fields.Number("interval_seconds"),
        TimeoutMs = fields.Number("timeout_ms"),
        Rise = fields.Number("rise"),
        Fall = fields.Number("fall"),
        Probe = fields.Text("probe"),
        Send = fields.Text("send"),
        Expect = fields.Text("expect"),
    };
}

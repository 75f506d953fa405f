using System.Buffers;
using System.Text.Json;
using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleJson;

/// <summary>Writes a rule as JSON: what was asked, field by field, nothing for what is absent.</summary>
public static class RuleJsonWriter
{
    /// <summary>The rule as one JSON object.</summary>
    public static byte[] ToUtf8(RuleSpec spec)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            WriteFields(writer, spec);
            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>The fields of the rule into an object that the caller has begun, and to which others may be added.</summary>
    public static void WriteFields(Utf8JsonWriter writer, RuleSpec spec)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(spec);
        Text(writer, "name", spec.Name);
        Text(writer, "protocol", spec.Protocol);
        Text(writer, "listen_address", spec.ListenAddress);
        Number(writer, "listen_port", spec.ListenPort);
        Text(writer, "listen_ports", spec.ListenPorts);
        Text(writer, "target", spec.Target);
        Targets(writer, spec.Targets);
        Text(writer, "balance", spec.Balance);
        Flag(writer, "prefer_ipv6", spec.PreferIpv6);
        Texts(writer, "sni", spec.Sni);
        Flag(writer, "sni_fallback", spec.SniFallback);
        Texts(writer, "allow", spec.Allow);
        Texts(writer, "deny", spec.Deny);
        HealthCheck(writer, spec.HealthCheck);
        if (spec.Limits is { } limits)
        {
            writer.WritePropertyName("limits");
            WriteLimits(writer, limits);
        }

        Number(writer, "udp_idle_seconds", spec.UdpIdleSeconds);
        Number(writer, "udp_max_flows", spec.UdpMaxFlows);
        Number(writer, "connect_timeout_ms", spec.ConnectTimeoutMs);
        Number(writer, "idle_seconds", spec.IdleSeconds);
        Flag(writer, "accept_proxy_protocol", spec.AcceptProxyProtocol);
        Texts(writer, "proxy_protocol_from", spec.ProxyProtocolFrom);
        Flag(writer, "enabled", spec.Enabled);
        if (spec.ExpiresAt is { } instant)
        {
            writer.WriteString("expires_at", instant.UtcDateTime);
        }

        Text(writer, "note", spec.Note);
    }

    /// <summary>Limits, a rule's or an owner's, as one JSON object.</summary>
    public static void WriteLimits(Utf8JsonWriter writer, LimitSpec limits)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(limits);
        writer.WriteStartObject();
        Number(writer, "bytes_per_second_in", limits.BytesPerSecondIn);
        Number(writer, "bytes_per_second_out", limits.BytesPerSecondOut);
        Number(writer, "burst_bytes_in", limits.BurstBytesIn);
        Number(writer, "burst_bytes_out", limits.BurstBytesOut);
        Number(writer, "new_flows_per_second", limits.NewFlowsPerSecond);
        Number(writer, "new_flows_burst", limits.NewFlowsBurst);
        Number(writer, "concurrent_flows", limits.ConcurrentFlows);
        writer.WriteEndObject();
    }

    private static void Targets(Utf8JsonWriter writer, IReadOnlyList<TargetSpec>? targets)
    {
        if (targets is null)
        {
            return;
        }

        writer.WriteStartArray("targets");
        foreach (var target in targets)
        {
            writer.WriteStartObject();
            Text(writer, "host", target.Host);
            Number(writer, "port", target.Port);
            Number(writer, "priority", target.Priority);
            Number(writer, "weight", target.Weight);
            Text(writer, "proxy_protocol", target.ProxyProtocol);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void HealthCheck(Utf8JsonWriter writer, HealthCheckSpec? check)
    {
        if (check is null)
        {
            return;
        }

        writer.WriteStartObject("health_check");
        Number(writer, "interval_seconds", check.IntervalSeconds);
        Number(writer, "timeout_ms", check.TimeoutMs);
        Number(writer, "rise", check.Rise);
        Number(writer, "fall", check.Fall);
        Text(writer, "probe", check.Probe);
        Text(writer, "send", check.Send);
        Text(writer, "expect", check.Expect);
        writer.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Texts(Utf8JsonWriter writer, string name, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }

        writer.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }

    private static void Flag(Utf8JsonWriter writer, string name, bool? value)
    {
        if (value is { } flag)
        {
            writer.WriteBoolean(name, flag);
        }
    }
}

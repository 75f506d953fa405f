namespace Portunus.Shared.Rules;

/// <summary>Bounds of an active probe.</summary>
internal static class HealthCheckCheck
{
    /// <summary>The most bytes a probe may send or expect: they must fit one small datagram.</summary>
    private const int MaxProbeBytes = 512;

    public static HealthCheckSpec? Check(HealthCheckSpec? check, TransportProtocol protocol, ProblemList problems)
    {
        if (check is null)
        {
            return null;
        }

        if (check.IntervalSeconds is null)
        {
            problems.Add("health_interval_missing", "health_check.interval_seconds", "health_check needs interval_seconds.");
        }

        problems.Within(check.IntervalSeconds, "health_check.interval_seconds", 1, 3600, 1);
        problems.Within(check.TimeoutMs, "health_check.timeout_ms", 100, 60000, 2000);
        problems.Within(check.Rise, "health_check.rise", 1, 10, 2);
        problems.Within(check.Fall, "health_check.fall", 1, 10, 3);
        var probe = RuleCheck.Choose(check.Probe, "health_check.probe", protocol == TransportProtocol.Tcp ? "connect" : "", problems,
            ("connect", "connect"), ("dns", "dns"), ("stun", "stun"), ("ntp", "ntp"), ("raw", "raw"));
        if (protocol == TransportProtocol.Udp && check.Probe is null)
        {
            problems.Add("health_probe_missing", "health_check.probe", "health_check of a udp rule needs probe: dns, stun, ntp or raw.");
        }

        if (probe == "connect" != (protocol == TransportProtocol.Tcp) && check.Probe is not null)
        {
            problems.Add("health_probe_protocol", "health_check.probe", "probe connect is for tcp; dns, stun, ntp and raw are for udp.");
        }

        Hex(check.Send, "health_check.send", problems);
        Hex(check.Expect, "health_check.expect", problems);
        if (probe == "raw" && string.IsNullOrEmpty(check.Send))
        {
            problems.Add("health_send_missing", "health_check.send", "probe raw needs send.");
        }

        return check;
    }

    private static void Hex(string? text, string field, ProblemList problems)
    {
        if (text is not null && (text.Length % 2 != 0 || text.Length > MaxProbeBytes * 2 || !text.All(char.IsAsciiHexDigit)))
        {
            problems.Add("hex_malformed", field, $"{field} must be an even number of hex digits, at most {MaxProbeBytes} bytes.");
        }
    }
}

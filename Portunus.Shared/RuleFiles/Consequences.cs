using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// Which problems of a rule only follow from something that has been told already: a field that is misspelt, of a wrong type
/// or on a line that could not be read is not missing as well.
/// </summary>
internal static class Consequences
{
    public static bool Includes(RuleProblem problem, FieldPlaces places, bool isProtocolKnown)
    {
        if (places.IsLost(problem.Field))
        {
            return true;
        }

        return problem.Code switch
        {
            "listen_port_missing" => !places.IsWhole || places.IsLost("listen_ports"),
            "target_missing" => !places.IsWhole || places.IsLost("targets"),
            "target_loop" => places.IsLost("listen_address"),
            "burst_without_rate" => !places.IsWhole || places.IsLost(RateOf(problem.Field)),
            "proxy_from_without_accept" => !places.IsWhole || places.IsLost("accept_proxy_protocol"),
            "host_empty" => !places.IsWhole && !places.Has(problem.Field),
            "health_probe_missing" => !places.IsWhole || !isProtocolKnown,
            "name_missing" or "target_port_missing" or "health_interval_missing" or "health_send_missing" or "proxy_from_required" => !places.IsWhole,
            "sni_needs_tcp" or "proxy_in_needs_tcp" or "health_probe_protocol" or "proxy_protocol_needs_udp" or "proxy_protocol_needs_tcp" => !isProtocolKnown,
            _ => false,
        };
    }

    /// <summary><c>limits.burst_bytes_in</c> is a burst of <c>limits.bytes_per_second_in</c>.</summary>
    private static string RateOf(string burst) => burst switch
    {
        "limits.burst_bytes_in" => "limits.bytes_per_second_in",
        "limits.burst_bytes_out" => "limits.bytes_per_second_out",
        _ => "limits.new_flows_per_second",
    };
}

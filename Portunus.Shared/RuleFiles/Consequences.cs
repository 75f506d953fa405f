using Portunus.Shared.Rules;

namespace Portunus.Shared.RuleFiles;

/// <summary>
/// Which problems of a rule only follow from something that has been told already: a field that is misspelt, of a wrong type
/// or on a line that could not be read is not missing as well.
/// </summary>
internal static class Consequences
{
    /// <summary>Of a table of a file, where a host may stand on a line that could not be read.</summary>
    public static bool Includes(RuleProblem problem, FieldPlaces places, bool isProtocolKnown) =>
        Includes(problem, places.Lost, isProtocolKnown)
        || (problem.Code == "host_empty" && !places.IsWhole && !places.Has(problem.Field));

    public static bool Includes(RuleProblem problem, LostFields lost, bool isProtocolKnown)
    {
        if (lost.IsLost(problem.Field))
        {
            return true;
        }

        return problem.Code switch
        {
            "listen_port_missing" => !lost.IsWhole || lost.IsLost("listen_ports"),
            "target_missing" => !lost.IsWhole || lost.IsLost("targets"),
            "target_loop" => lost.IsLost("listen_address"),
            "burst_without_rate" => !lost.IsWhole || lost.IsLost(RateOf(problem.Field)),
            "proxy_from_without_accept" => !lost.IsWhole || lost.IsLost("accept_proxy_protocol"),
            "health_probe_missing" => !lost.IsWhole || !isProtocolKnown,
            "name_missing" or "target_port_missing" or "health_interval_missing" or "health_send_missing" or "proxy_from_required" => !lost.IsWhole,
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

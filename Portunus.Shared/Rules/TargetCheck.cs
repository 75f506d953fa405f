using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>Where a rule forwards to.</summary>
internal static class TargetCheck
{
    /// <summary>The most targets of one rule.</summary>
    public const int MaxTargets = 8;

    public static IReadOnlyList<CheckedTarget> Check(RuleSpec spec, TransportProtocol protocol, (IPAddress? Address, PortRange? Ports) listen, ProblemList problems)
    {
        if (spec.Target is not null && spec.Targets is not null)
        {
            problems.Add("target_twice", "targets", "Give target or targets, not both.");
            return [];
        }

        if (spec.Target is not null)
        {
            if (Shorthand(spec.Target, listen.Ports, problems) is not { } only)
            {
                return [];
            }

            LoopCheck.Check(only, "target", listen, problems);
            return [only];
        }

        if (spec.Targets is null)
        {
            problems.Add("target_missing", "target", "A rule needs target, or targets for several.");
            return [];
        }

        if (spec.Targets.Count is 0 or > MaxTargets)
        {
            problems.Add(spec.Targets.Count == 0 ? "targets_empty" : "targets_too_many", "targets",
                $"targets must have 1 to {MaxTargets} entries; this has {spec.Targets.Count}.");
        }

        var all = new List<CheckedTarget>();
        for (var i = 0; i < Math.Min(spec.Targets.Count, MaxTargets); i++)
        {
            if (spec.Targets[i] is not { } entry)
            {
                problems.Add("target_empty", $"targets[{i}]", "A target needs a host and a port.");
                continue;
            }

            if (Entry(entry, $"targets[{i}]", protocol, listen.Ports, problems) is not { } target)
            {
                continue;
            }

            if (all.Any(other => other.Host == target.Host && other.FirstPort == target.FirstPort))
            {
                problems.Add("targets_duplicate", $"targets[{i}]", $"{target.Host} port {target.FirstPort} is listed twice.");
            }

            LoopCheck.Check(target, $"targets[{i}]", listen, problems);
            all.Add(target);
        }

        return all;
    }

    private static CheckedTarget? Entry(TargetSpec spec, string path, TransportProtocol protocol, PortRange? listen, ProblemList problems)
    {
        var host = Host(spec.Host, $"{path}.host", problems);
        var port = spec.Port;
        if (port is null)
        {
            problems.Add("target_port_missing", $"{path}.port", "A target needs a port.");
        }
        else if (port is < 1 or > 65535)
        {
            problems.Add("out_of_range", $"{path}.port", $"{path}.port must be between 1 and 65535; this is {port}.");
            port = null;
        }
        else
        {
            port = FitsRange((int)port.Value, listen, $"{path}.port", problems) ? port : null;
        }

        var priority = (int)problems.Within(spec.Priority, $"{path}.priority", 0, 99, 0);
        var weight = (int)problems.Within(spec.Weight, $"{path}.weight", 1, 100, 1);
        var header = Header(spec.ProxyProtocol, $"{path}.proxy_protocol", protocol, problems);
        return host is { } known && port is { } first
            ? new CheckedTarget(known.Name, known.Literal, (int)first, priority, weight, header)
            : null;
    }

    /// <summary><c>host:port</c>, <c>[v6]:port</c> or <c>host:lo-hi</c>.</summary>
    private static CheckedTarget? Shorthand(string text, PortRange? listen, ProblemList problems)
    {
        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
        {
            problems.Add("target_malformed", "target", $"target must be host:port, [ipv6]:port or host:first-last; \"{text}\" has no port.");
            return null;
        }

        var hostText = text[..colon];
        if (hostText.Contains(':') && !hostText.StartsWith('['))
        {
            problems.Add("host_ipv6_brackets", "target", $"An IPv6 address before a port needs brackets: [{hostText}]:{text[(colon + 1)..]}.");
            return null;
        }

        var host = Host(hostText, "target", problems);
        if (!PortRange.TryParse(text[(colon + 1)..], out var ports, out var reason))
        {
            problems.Add("target_malformed", "target", $"target: {reason}");
            return null;
        }

        if (listen is { } range && ports.Length != range.Length && !(ports.IsSingle && range.IsSingle))
        {
            problems.Add("range_width", "target", $"target must have as many ports as the rule listens on: {range.Length}, not {ports.Length}.");
            return null;
        }

        return host is { } known ? new CheckedTarget(known.Name, known.Literal, ports.First, 0, 1, ProxyHeaderVersion.None) : null;
    }

    private static bool FitsRange(int first, PortRange? listen, string field, ProblemList problems)
    {
        if (listen is { } range && first + range.Length - 1 > 65535)
        {
            problems.Add("range_overflow", field, $"{range.Length} ports from {first} on end beyond 65535.");
            return false;
        }

        return true;
    }

    private static (string Name, IPAddress? Literal)? Host(string? text, string field, ProblemList problems)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            problems.Add("host_empty", field, "A target needs a host.");
            return null;
        }

        if (HostName.TryParseLiteral(text, out var literal))
        {
            literal = literal.IsIPv4MappedToIPv6 ? literal.MapToIPv4() : literal;
            return (literal.ToString(), literal);
        }

        if (HostName.TryParseName(text, out var name, out var code, out var reason))
        {
            return (name, null);
        }

        problems.Add(code, field, reason);
        return null;
    }

    private static ProxyHeaderVersion Header(string? word, string field, TransportProtocol protocol, ProblemList problems)
    {
        if (string.IsNullOrEmpty(word))
        {
            return ProxyHeaderVersion.None;
        }

        var version = word.ToLowerInvariant() switch
        {
            "v1" => ProxyHeaderVersion.V1,
            "v2" => ProxyHeaderVersion.V2,
            "v2-each" => ProxyHeaderVersion.V2Each,
            _ => ProxyHeaderVersion.None,
        };
        if (version == ProxyHeaderVersion.None)
        {
            problems.Add("proxy_protocol_unknown", field, $"{field} must be v1, v2 or v2-each; this is \"{word}\".");
        }
        else if (protocol == TransportProtocol.Tcp && version == ProxyHeaderVersion.V2Each)
        {
            problems.Add("proxy_protocol_needs_udp", field, "v2-each is for udp; a tcp target takes v1 or v2.");
        }
        else if (protocol == TransportProtocol.Udp && version == ProxyHeaderVersion.V1)
        {
            problems.Add("proxy_protocol_needs_tcp", field, "v1 is for tcp; a udp target takes v2 or v2-each.");
        }

        return version;
    }
}

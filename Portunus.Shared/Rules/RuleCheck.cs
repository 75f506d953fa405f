using System.Net;

namespace Portunus.Shared.Rules;

/// <summary>
/// The one validation of rules, used by form, API, command line, rule file and edge. It does not stop at the first problem.
/// Whether rules of one edge collide is <see cref="PortClaims"/>'s question; what an edge serves, <see cref="ServedFeatures"/>'s.
/// </summary>
public static class RuleCheck
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 64;

    /// <summary>The longest note, in characters.</summary>
    public const int MaxNoteLength = 500;

    /// <summary>Checks a rule as asked; defaults are applied to what is absent.</summary>
    public static RuleCheckResult Check(RuleSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = new ProblemList();
        var name = CheckName(spec.Name, problems);
        var protocol = Choose(spec.Protocol, "protocol", TransportProtocol.Tcp, problems,
            ("tcp", TransportProtocol.Tcp), ("udp", TransportProtocol.Udp));
        var listen = ListenCheck.Check(spec, problems);
        var targets = TargetCheck.Check(spec, protocol, listen, problems);
        var sni = CheckSni(spec, protocol, listen.Ports, problems);
        var isProxied = CheckProxyIn(spec, protocol, problems, out var proxyFrom);
        var rule = new CheckedRule
        {
            Name = name,
            Protocol = protocol,
            ListenAddress = listen.Address,
            ListenPorts = listen.Ports ?? default,
            Targets = targets,
            Balance = Choose(spec.Balance, "balance", BalancePolicy.First, problems,
                ("first", BalancePolicy.First), ("round_robin", BalancePolicy.RoundRobin), ("least_flows", BalancePolicy.LeastFlows),
                ("random", BalancePolicy.Random), ("source_hash", BalancePolicy.SourceHash)),
            PreferIpv6 = spec.PreferIpv6 ?? false,
            Sni = sni,
            SniFallback = spec.SniFallback ?? false,
            Allow = Prefixes(spec.Allow, "allow", problems),
            Deny = Prefixes(spec.Deny, "deny", problems),
            HealthCheck = HealthCheckCheck.Check(spec.HealthCheck, protocol, problems),
            Limits = LimitCheck.Check(spec.Limits, "limits", problems),
            UdpIdle = TimeSpan.FromSeconds(problems.Within(spec.UdpIdleSeconds, "udp_idle_seconds", 5, 3600, 60)),
            UdpMaxFlows = (int)problems.Within(spec.UdpMaxFlows, "udp_max_flows", 1, 65535, 4096),
            ConnectTimeout = TimeSpan.FromMilliseconds(problems.Within(spec.ConnectTimeoutMs, "connect_timeout_ms", 100, 60000, 3000)),
            Idle = TimeSpan.FromSeconds(problems.Within(spec.IdleSeconds, "idle_seconds", 0, 86400, 0)),
            AcceptProxyProtocol = isProxied,
            ProxyProtocolFrom = proxyFrom,
            Enabled = spec.Enabled ?? true,
            ExpiresAt = spec.ExpiresAt,
            Note = CheckNote(spec.Note, problems),
        };
        return new RuleCheckResult(problems.Count == 0 ? rule : null, problems.All);
    }

    private static string CheckName(string? name, ProblemList problems)
    {
        if (name is null)
        {
            return "";
        }

        var length = name.EnumerateRunes().Count();
        if (string.IsNullOrWhiteSpace(name) || length > MaxNameLength)
        {
            problems.Add("name_length", "name", length is > 0 and <= MaxNameLength
                ? "name must not consist of blanks only."
                : $"name must have 1 to {MaxNameLength} characters; this has {length}.");
        }

        if (name.Any(char.IsControl))
        {
            problems.Add("name_character", "name", "name must not contain control characters.");
        }

        return name;
    }

    private static string CheckNote(string? note, ProblemList problems)
    {
        if (note is not null && note.EnumerateRunes().Count() is > MaxNoteLength and var length)
        {
            problems.Add("note_length", "note", $"note must have at most {MaxNoteLength} characters; this has {length}.");
        }

        return note ?? "";
    }

    private static List<HostPattern> CheckSni(RuleSpec spec, TransportProtocol protocol, PortRange? ports, ProblemList problems)
    {
        var patterns = new List<HostPattern>();
        if (spec.Sni is null && spec.SniFallback != true)
        {
            return patterns;
        }

        var field = spec.Sni is null ? "sni_fallback" : "sni";
        if (protocol != TransportProtocol.Tcp)
        {
            problems.Add("sni_needs_tcp", field, "Routing by server name works for protocol tcp only.");
        }

        if (ports is { IsSingle: false })
        {
            problems.Add("sni_needs_single_port", field, "Routing by server name needs a single listen_port, not a range.");
        }

        if (spec.Sni is { Count: 0 })
        {
            problems.Add("sni_empty", "sni", "sni must name at least one server; leave it out to take everything.");
        }

        var known = new HashSet<HostPattern>();
        for (var i = 0; i < (spec.Sni?.Count ?? 0); i++)
        {
            if (HostPattern.TryParse(spec.Sni?[i], out var pattern, out var reason))
            {
                if (!known.Add(pattern))
                {
                    problems.Add("sni_duplicate", $"sni[{i}]", $"{pattern} is listed twice.");
                }

                patterns.Add(pattern);
            }
            else
            {
                problems.Add("sni_pattern", $"sni[{i}]", reason);
            }
        }

        return patterns;
    }

    private static bool CheckProxyIn(RuleSpec spec, TransportProtocol protocol, ProblemList problems, out CidrSet? from)
    {
        from = Prefixes(spec.ProxyProtocolFrom, "proxy_protocol_from", problems);
        if (spec.AcceptProxyProtocol != true)
        {
            if (spec.ProxyProtocolFrom is not null)
            {
                problems.Add("proxy_from_without_accept", "proxy_protocol_from", "proxy_protocol_from has a meaning only with accept_proxy_protocol = true.");
            }

            return false;
        }

        if (protocol != TransportProtocol.Tcp)
        {
            problems.Add("proxy_in_needs_tcp", "accept_proxy_protocol", "accept_proxy_protocol works for protocol tcp only.");
        }

        if (spec.ProxyProtocolFrom is not { Count: > 0 })
        {
            problems.Add("proxy_from_required", "proxy_protocol_from",
                "accept_proxy_protocol needs proxy_protocol_from: who may claim to speak for somebody else.");
        }

        return true;
    }

    private static CidrSet? Prefixes(IReadOnlyList<string>? texts, string field, ProblemList problems)
    {
        if (texts is null)
        {
            return null;
        }

        var networks = new List<IPNetwork>(texts.Count);
        for (var i = 0; i < texts.Count; i++)
        {
            if (CidrSet.TryParsePrefix(texts[i], out var network, out var reason))
            {
                networks.Add(network);
            }
            else
            {
                problems.Add("prefix_malformed", $"{field}[{i}]", reason);
            }
        }

        return new CidrSet(networks);
    }

    internal static T Choose<T>(string? word, string field, T otherwise, ProblemList problems, params (string Word, T Value)[] choices)
    {
        if (word is null)
        {
            return otherwise;
        }

        foreach (var (known, value) in choices)
        {
            if (string.Equals(word, known, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        problems.Add($"{field[(field.LastIndexOf('.') + 1)..]}_unknown", field,
            $"{field} must be one of {string.Join(", ", choices.Select(choice => choice.Word))}; this is \"{word}\".");
        return otherwise;
    }
}

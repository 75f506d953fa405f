using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>Many rules as a request names them.</summary>
internal sealed record BulkFields
{
    /// <summary>What to do.</summary>
    [Required]
    public BulkAction? Action { get; init; }

    /// <summary>Which rules; at most 2,000; this or <c>filter</c>.</summary>
    [Bounds(1, RuleBulk.MaxRules)]
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Which rules; this or <c>ids</c>.</summary>
    public FilterFields? Filter { get; init; }

    /// <summary>The same with everything read.</summary>
    public Outcome<(BulkAction Action, IReadOnlyList<RuleId>? Ids, RuleFilter Filter)> Check()
    {
        var problems = new List<Problem>();
        if (Action is null)
        {
            problems.Add(new Problem("action_missing", "action", "Say what to do: enable, disable or delete."));
        }

        if (Ids is null == Filter is null)
        {
            problems.Add(new Problem("bulk_empty", "", "Give ids or a filter, one of them."));
        }

        List<RuleId>? ids = Ids is null ? null : [];
        for (var i = 0; i < (Ids?.Count ?? 0); i++)
        {
            if (RuleId.TryParse(Ids![i], out var id))
            {
                ids!.Add(id);
            }
            else if (problems.Count < 100)
            {
                problems.Add(new Problem("id_malformed", $"ids[{i}]", "This is not the id of a rule."));
            }
        }

        var filter = (Filter ?? new FilterFields()).Read("filter.", problems);
        return problems.Count > 0 ? problems : (Action!.Value, ids, filter);
    }
}

/// <summary>Which rules are meant, as a query or a body spells it.</summary>
internal sealed record FilterFields
{
    /// <summary>Id of an edge.</summary>
    public string? Edge { get; init; }

    /// <summary>Id of an account.</summary>
    public string? Owner { get; init; }

    /// <summary><c>tcp</c> or <c>udp</c>.</summary>
    [Words("tcp", "udp")]
    public string? Protocol { get; init; }

    /// <summary><c>enabled</c>, <c>disabled</c> or <c>expired</c>.</summary>
    [Words("enabled", "disabled", "expired")]
    public string? State { get; init; }

    /// <summary>A port that the rule listens on.</summary>
    public string? Port { get; init; }

    /// <summary>A part of a name, target, server name, address or note.</summary>
    public string? Q { get; init; }

    /// <summary>The same with everything read; what is wrong is told with <paramref name="path"/> ahead of the field.</summary>
    public RuleFilter Read(string path, List<Problem> problems)
    {
        TransportProtocol? protocol = Protocol switch { "tcp" => TransportProtocol.Tcp, "udp" => TransportProtocol.Udp, _ => null };
        if (Protocol is not null && protocol is null)
        {
            problems.Add(new Problem("protocol_unknown", path + "protocol", "protocol must be tcp or udp."));
        }

        RuleDesire? desired = State switch { "enabled" => RuleDesire.Enabled, "disabled" => RuleDesire.Disabled, "expired" => RuleDesire.Expired, _ => null };
        if (State is not null && desired is null)
        {
            problems.Add(new Problem("state_unknown", path + "state", "state must be enabled, disabled or expired."));
        }

        var port = 0;
        if (Port is not null && (!int.TryParse(Port, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            problems.Add(new Problem("port_malformed", path + "port", "port must be between 1 and 65535."));
        }

        return new RuleFilter
        {
            Edge = IdQuery.Edge(Edge, path + "edge", problems),
            Owner = IdQuery.Account(Owner, path + "owner", problems),
            Protocol = protocol,
            Desired = desired,
            Port = Port is null ? null : port,
            Search = string.IsNullOrWhiteSpace(Q) ? null : Q,
        };
    }
}

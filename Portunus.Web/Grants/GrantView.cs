using System.Text.Json.Serialization;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Grants;

/// <summary>A grant as it is told.</summary>
internal sealed record GrantView(
    string Id, string Account, string AccountName, string Edge, string? EdgeName, string Ports, IReadOnlyList<string> Protocols, bool LocalTargets,
    DateTimeOffset? ExpiresAt, bool Expired, string Note, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, long Revision) : IRevised
{
    /// <summary>The word for every edge.</summary>
    public const string AllEdges = "all";

    public static GrantView Of(Grant row, string accountName, string? edgeName, DateTimeOffset now) => new(
        row.Id.ToString(), row.AccountId.ToString(), accountName, EdgeText(row.EdgeId), edgeName, new PortRange(row.FirstPort, row.LastPort).ToString(),
        Words(row), row.LocalTargets, row.ExpiresAt, row.ExpiresAt <= now, row.Note, row.CreatedAt, row.ChangedAt, row.Revision);

    /// <summary>The row as a request would spell it: what a patch is laid over.</summary>
    public static GrantFields Asked(Grant row) => new()
    {
        Account = row.AccountId.ToString(),
        Edge = EdgeText(row.EdgeId),
        Ports = new PortRange(row.FirstPort, row.LastPort).ToString(),
        Protocols = Words(row),
        LocalTargets = row.LocalTargets,
        ExpiresAt = row.ExpiresAt,
        Note = row.Note,
    };

    private static string EdgeText(EdgeId? edge) => edge?.ToString() ?? AllEdges;

    private static string[] Words(Grant row) => (row.Tcp, row.Udp) switch
    {
        (true, true) => ["tcp", "udp"],
        (true, false) => ["tcp"],
        _ => ["udp"],
    };
}

/// <summary>A rule that a change of something else reaches.</summary>
internal sealed record RuleRef(string Id, string Name, string Edge, string Owner, string Protocol, string ListenPorts)
{
    public static RuleRef Of(Rule row) => new(
        row.Id.ToString(), row.Name, row.EdgeId.ToString(), row.OwnerId.ToString(), row.Protocol == TransportProtocol.Udp ? "udp" : "tcp",
        new PortRange(row.FirstPort, row.LastPort).ToString());
}

/// <summary>What a change of a grant does.</summary>
/// <param name="Grant">As it is then; null when revoked.</param>
/// <param name="RulesStopped">Rules that no grant covers any more: they stop on their edges at once.</param>
/// <param name="RulesResumed">Rules that a grant covers again.</param>
/// <param name="RulesDisabled">Rules that a grant covers again, but whose ports others took meanwhile.</param>
internal sealed record GrantEffect(GrantView? Grant, IReadOnlyList<RuleRef> RulesStopped, IReadOnlyList<RuleRef> RulesResumed, IReadOnlyList<RuleRef> RulesDisabled) : IRevised
{
    /// <summary>For the entity tag; the grant itself tells it.</summary>
    [JsonIgnore]
    public long Revision => Grant?.Revision ?? 0;
}

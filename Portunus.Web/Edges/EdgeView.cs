using Portunus.Web.Api;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Edges;

/// <summary>Where an edge stands with the control plane.</summary>
internal enum EdgeStanding
{
    /// <summary>No machine has redeemed a code of it yet.</summary>
    NotEnrolled,

    /// <summary>Enrolled; no link now.</summary>
    Offline,

    /// <summary>Told to forward nothing more.</summary>
    Revoked,
}

/// <summary>An edge as it is told; what only overseers see is null for tenants.</summary>
internal sealed record EdgeView(
    string Id, string Name, string? PublicAddress, EdgeStanding Standing, string? Version, DateTimeOffset? LastSeenAt, string? LastSeenFrom,
    DateTimeOffset? EnrolledAt, DateTimeOffset? RevokedAt, long PlanRevision, int RuleCount, string? Note, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, long Revision)
    : IRevised
{
    public static EdgeView Of(Edge row, long planRevision, int ruleCount, bool seesAll) => new(
        row.Id.ToString(), row.Name, row.PublicAddress,
        row.RevokedAt is not null ? EdgeStanding.Revoked : row.EnrolledAt is null ? EdgeStanding.NotEnrolled : EdgeStanding.Offline,
        row.Version, row.LastSeenAt, seesAll ? row.LastSeenFrom : null, seesAll ? row.EnrolledAt : null, row.RevokedAt, planRevision, ruleCount,
        seesAll ? row.Note : null, row.CreatedAt, row.ChangedAt, row.Revision);

    /// <summary>The row as a request would spell it: what a patch is laid over.</summary>
    public static EdgeFields Asked(Edge row) => new() { Name = row.Name, PublicAddress = row.PublicAddress, Note = row.Note };
}

using Portunus.Shared.Samples;
using Portunus.Web.Api;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Edges;

/// <summary>Whether a machine is trusted to be this edge.</summary>
internal enum EdgeStanding
{
    /// <summary>No machine has redeemed a code of it yet.</summary>
    NotEnrolled,

    /// <summary>One has.</summary>
    Enrolled,

    /// <summary>Told to forward nothing more.</summary>
    Revoked,
}

/// <summary>An edge as it is told; what only overseers see is null for tenants. Trust, link, plan and data plane are four facts, and none is guessed from another.</summary>
internal sealed record EdgeView(
    string Id, string Name, string? PublicAddress, EdgeStanding Standing, EdgeLink Link, EdgePlanStanding Plan, EdgeDataPlane DataPlane,
    string? Version, DateTimeOffset? LastSeenAt, string? LastSeenFrom, DateTimeOffset? EnrolledAt, DateTimeOffset? RevokedAt, int RuleCount,
    string? Note, DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, long Revision)
    : IRevised
{
    public static EdgeView Of(Edge row, EdgeNow now, EdgePlanStanding plan, int ruleCount, bool seesAll) => new(
        row.Id.ToString(), row.Name, row.PublicAddress,
        row.RevokedAt is not null ? EdgeStanding.Revoked : row.EnrolledAt is null ? EdgeStanding.NotEnrolled : EdgeStanding.Enrolled,
        EdgeLink.Of(now.Link, seesAll), plan, EdgeDataPlane.Of(now.Traffic, seesAll),
        row.Version, row.LastSeenAt, seesAll ? row.LastSeenFrom : null, seesAll ? row.EnrolledAt : null, row.RevokedAt, ruleCount,
        seesAll ? row.Note : null, row.CreatedAt, row.ChangedAt, row.Revision);

    /// <summary>The row as a request would spell it: what a patch is laid over.</summary>
    public static EdgeFields Asked(Edge row) => new() { Name = row.Name, PublicAddress = row.PublicAddress, Note = row.Note };
}

/// <summary>The link of an edge, or the last one since the control plane started.</summary>
/// <param name="Connected">Whether there is one now.</param>
/// <param name="Since">Since when it is up, or down; null where none was seen since the control plane started.</param>
/// <param name="LastHeardAt">When the edge last said anything; null as above.</param>
/// <param name="ClosedWhy">Why the last one ended, a word; null while it is up.</param>
/// <param name="From">The address it comes from.</param>
/// <param name="Host">The machine's host name, as it says.</param>
/// <param name="Kernel">As it says.</param>
/// <param name="Machine">As it says.</param>
/// <param name="Features">What the edge serves beyond the first version.</param>
internal sealed record EdgeLink(
    bool Connected, DateTimeOffset? Since, DateTimeOffset? LastHeardAt, string? ClosedWhy, string? From, string? Host, string? Kernel, string? Machine, IReadOnlyList<string> Features)
{
    public static EdgeLink Of(LinkFact? link, bool seesAll) => link is null
        ? new EdgeLink(false, null, null, null, null, null, null, null, [])
        : new EdgeLink(
            link.IsConnected, link.ClosedAt ?? link.OpenedAt, link.LastHeardAt, link.ClosedWhy, seesAll ? link.Origin.From : null, seesAll ? link.Origin.Host : null,
            seesAll ? link.Origin.Kernel : null, seesAll ? link.Origin.Machine : null, link.Origin.Features);
}

/// <summary>How far an edge is with its plan, as it last said; tenants are told of own rules.</summary>
/// <param name="Wanted">The newest revision.</param>
/// <param name="Applied">The one in force; null where it has told of none since the store was made, restored or reset.</param>
/// <param name="AppliedAt">When it said so first.</param>
/// <param name="Listening">Rules that take flows.</param>
/// <param name="Refused">Rules that could not be bound, or are not understood.</param>
/// <param name="Draining">Rules that take no flows and wait for the last ones to end.</param>
/// <param name="Waiting">Rules that the edge has not told of at their newest revision.</param>
internal sealed record EdgePlanStanding(long Wanted, long? Applied, DateTimeOffset? AppliedAt, int Listening, int Refused, int Draining, int Waiting);

/// <summary>What an edge last said of itself with its counters.</summary>
/// <param name="SampledAt">When its last counters came; null where none came since the control plane started.</param>
/// <param name="Vitals">How its process does; null as above, and for tenants.</param>
internal sealed record EdgeDataPlane(DateTimeOffset? SampledAt, EdgeVitals? Vitals)
{
    public static EdgeDataPlane Of(TrafficFact? traffic, bool seesAll) => new(traffic?.At, seesAll ? traffic?.Vitals : null);
}

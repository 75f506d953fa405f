namespace Portunus.Web.Edges;

/// <summary>What goes with an edge.</summary>
/// <param name="Id">Of the edge.</param>
/// <param name="Name">Of the edge.</param>
/// <param name="Rules">Every rule on it.</param>
/// <param name="Grants">Grants that speak of it alone; those of every edge stay.</param>
/// <param name="OwnerLimits">How many owners have limits on it.</param>
/// <param name="OpenCodes">How many enrolment codes end unredeemed.</param>
internal sealed record EdgeRemoval(
    string Id, string Name, IReadOnlyList<RemovedRule> Rules, IReadOnlyList<RemovedGrant> Grants, int OwnerLimits, int OpenCodes);

/// <summary>A rule that goes.</summary>
internal sealed record RemovedRule(string Id, string Name, string Owner);

/// <summary>A grant that goes.</summary>
internal sealed record RemovedGrant(string Id, string Account);

using Portunus.Shared.Rules;
using Portunus.Web.Api;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Edges;

/// <summary>Limits of an owner as they are told.</summary>
internal sealed record OwnerLimitView(string Edge, string Account, LimitSpec Limits, DateTimeOffset ChangedAt, long Revision) : IRevised
{
    public static OwnerLimitView Of(OwnerLimit row) => new(row.EdgeId.ToString(), row.AccountId.ToString(), OwnerLimitRows.Spec(row), row.ChangedAt, row.Revision);
}

/// <summary>Somebody who owns rules on an edge, or has limits there.</summary>
internal sealed record EdgeOwnerView(string Account, string AccountName, int RuleCount, LimitSpec? Limits);

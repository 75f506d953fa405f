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
/// <param name="Account">Id of the account.</param>
/// <param name="AccountName">What it is called now.</param>
/// <param name="RuleCount">How many rules it has on the edge.</param>
/// <param name="Limits">Over all of them; null where there are none.</param>
internal sealed record EdgeOwnerView(string Account, string AccountName, int RuleCount, LimitSpec? Limits);

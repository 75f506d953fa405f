using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Rules;

/// <summary>
/// How many rules an owner may have. Enabled ones are bounded by ports and grants; disabled ones hold no port, and without a bound of
/// their own one tenant could fill the store and every plan. Switching off and deleting are never refused by it.
/// </summary>
internal static class RuleCounts
{
    /// <summary>On one edge, disabled ones included.</summary>
    public const int MaxOnEdge = 2000;

    /// <summary>On all edges together, disabled ones included.</summary>
    public const int MaxInAll = 20_000;

    /// <summary>Why this owner gets no further rule on this edge; null when it may have one.</summary>
    public static async Task<Problem?> RefusalAsync(PortunusDb db, EdgeId edge, AccountId owner, CancellationToken cancel) => Refusal(
        await db.Rules.CountAsync(rule => rule.EdgeId == edge && rule.OwnerId == owner, cancel),
        await db.Rules.CountAsync(rule => rule.OwnerId == owner, cancel));

    internal static Problem? Refusal(int onEdge, int inAll)
    {
        if (onEdge >= MaxOnEdge)
        {
            return Problem.Conflict("edge_rule_limit", "", $"An owner has at most {MaxOnEdge} rules on one edge, disabled ones included; delete one first.");
        }

        return inAll >= MaxInAll
            ? Problem.Conflict("rule_limit", "", $"An owner has at most {MaxInAll} rules, disabled ones included; delete one first.")
            : null;
    }
}

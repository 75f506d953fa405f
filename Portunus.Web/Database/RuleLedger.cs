using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Database;

/// <summary>What whoever removes a rule, or gives it to somebody else, owes its ledger.</summary>
internal static class RuleLedger
{
    /// <summary>
    /// Leaves whose rule it was where its counters will look for it: those of an edge that was away may come long after the rule, and
    /// the tombstone, are gone.
    /// </summary>
    public static async Task KeepOwnerAsync(PortunusDb db, Rule rule, DateTimeOffset now, CancellationToken cancel)
    {
        var (edge, id, owner) = (rule.EdgeId, rule.Id, rule.OwnerId);
        if (!await db.RuleTotals.AnyAsync(total => total.EdgeId == edge && total.RuleId == id && total.OwnerId == owner, cancel))
        {
            db.RuleTotals.Add(new RuleTotal { EdgeId = edge, RuleId = id, OwnerId = owner, ChangedAt = now });
        }
    }
}

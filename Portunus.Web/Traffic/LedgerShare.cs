using Portunus.Shared.Ids;
using Portunus.Web.Database;

namespace Portunus.Web.Traffic;

/// <summary>A row of the ledger in memory: what one boot counted of a rule for one owner. Guarded by its edge's gate.</summary>
internal sealed class LedgerShare(RuleTraffic rule, Guid boot, AccountId owner)
{
    public RuleTraffic Rule { get; } = rule;

    public Guid Boot { get; } = boot;

    public AccountId Owner { get; } = owner;

    public LedgerCount Count { get; set; }

    /// <summary>Whether it waits to be written.</summary>
    public bool IsQueued { get; set; }
}

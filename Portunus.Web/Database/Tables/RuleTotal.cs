using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>
/// The ledger: what one boot of an edge counted for a rule while one account owned it. The total of a rule is the sum of its rows.
/// Nothing here hangs on other tables: rules, edges and accounts go, what was counted stays.
/// </summary>
internal sealed class RuleTotal
{
    public EdgeId EdgeId { get; set; }

    public RuleId RuleId { get; set; }

    /// <summary>Empty for all boots that have ended and are counted in full: a restart of an edge adds no row for good.</summary>
    public Guid Boot { get; set; }

    public AccountId OwnerId { get; set; }

    public long BytesIn { get; set; }

    public long BytesOut { get; set; }

    public long Flows { get; set; }

    public long DatagramsIn { get; set; }

    public long DatagramsOut { get; set; }

    public long DropsIn { get; set; }

    public long DropsOut { get; set; }

    public long Accepted { get; set; }

    public long Refused { get; set; }

    public long Failed { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public LedgerCount Count() => new(BytesIn, BytesOut, Flows, DatagramsIn, DatagramsOut, DropsIn, DropsOut, Accepted, Refused, Failed);

    internal sealed class Configuration : IEntityTypeConfiguration<RuleTotal>
    {
        public void Configure(EntityTypeBuilder<RuleTotal> table)
        {
            table.ToTable("RuleTotals");
            table.HasKey(total => new { total.EdgeId, total.RuleId, total.Boot, total.OwnerId });
            table.Property(total => total.Boot).HasConversion(EdgeBoot.BootText);
            table.HasIndex(total => total.OwnerId);
            // The rows of a boot that is being folded.
            table.HasIndex(total => new { total.EdgeId, total.Boot });
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>
/// How far the counters of one boot of an edge are in the ledger. A boot that has ended is remembered here after its rows are folded,
/// because its edge may not have heard that they were taken and send them again.
/// </summary>
internal sealed class EdgeBoot
{
    internal static readonly ValueConverter<Guid, string> BootText = new(boot => boot.ToString("D"), text => Guid.ParseExact(text, "D"));

    public EdgeId EdgeId { get; set; }

    public Guid Boot { get; set; }

    /// <summary>Every look up to this one is in the ledger, all its parts.</summary>
    public long Sequence { get; set; }

    /// <summary>It has ended and is counted in full.</summary>
    public bool IsFinal { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EdgeBoot>
    {
        public void Configure(EntityTypeBuilder<EdgeBoot> table)
        {
            table.ToTable("EdgeBoots");
            table.HasKey(boot => new { boot.EdgeId, boot.Boot });
            table.Property(boot => boot.Boot).HasConversion(BootText);
        }
    }
}

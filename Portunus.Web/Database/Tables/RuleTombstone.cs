using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>A rule that was removed, kept in its edge's plan until the edge has reported it stopped.</summary>
internal sealed class RuleTombstone
{
    public RuleId RuleId { get; set; }

    public EdgeId EdgeId { get; set; }

    /// <summary>One more than the rule had; its flows were opened under lower ones.</summary>
    public long Revision { get; set; }

    /// <summary>When its last flows are cut; null cuts them at once.</summary>
    public DateTimeOffset? DrainUntil { get; set; }

    public DateTimeOffset RemovedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RuleTombstone>
    {
        public void Configure(EntityTypeBuilder<RuleTombstone> table)
        {
            table.ToTable("RuleTombstones");
            table.HasKey(tombstone => tombstone.RuleId);
            table.HasIndex(tombstone => tombstone.EdgeId);
            table.HasOne<Edge>().WithMany().HasForeignKey(tombstone => tombstone.EdgeId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>
/// The revision of an edge's plan: raised in the transaction of every change that the plan shows. A row of its own, so that
/// changing a rule does not make somebody's reading of the edge stale.
/// </summary>
internal sealed class EdgeRevision
{
    public EdgeId EdgeId { get; set; }

    /// <summary>Counts up within the epoch kept in <see cref="Setting.PlanEpoch"/>.</summary>
    public long Number { get; set; }

    public DateTimeOffset RaisedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EdgeRevision>
    {
        public void Configure(EntityTypeBuilder<EdgeRevision> table)
        {
            table.ToTable("EdgeRevisions");
            table.HasKey(revision => revision.EdgeId);
            table.HasOne<Edge>().WithOne().HasForeignKey<EdgeRevision>(revision => revision.EdgeId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>What one account may use over all its rules on one edge. Null columns do not limit.</summary>
internal sealed class OwnerLimit
{
    public EdgeId EdgeId { get; set; }

    public AccountId AccountId { get; set; }

    public long? BytesPerSecondIn { get; set; }

    public long? BytesPerSecondOut { get; set; }

    public long? BurstBytesIn { get; set; }

    public long? BurstBytesOut { get; set; }

    public long? NewFlowsPerSecond { get; set; }

    public long? NewFlowsBurst { get; set; }

    public long? ConcurrentFlows { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Counts up with each change; what If-Match compares.</summary>
    public long Revision { get; set; } = 1;

    internal sealed class Configuration : IEntityTypeConfiguration<OwnerLimit>
    {
        public void Configure(EntityTypeBuilder<OwnerLimit> table)
        {
            table.ToTable("OwnerLimits");
            table.HasKey(limit => new { limit.EdgeId, limit.AccountId });
            table.Property(limit => limit.Revision).IsConcurrencyToken();
            table.HasIndex(limit => limit.AccountId);
            table.HasOne<Edge>().WithMany().HasForeignKey(limit => limit.EdgeId).OnDelete(DeleteBehavior.Cascade);
            table.HasOne<Account>().WithMany().HasForeignKey(limit => limit.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

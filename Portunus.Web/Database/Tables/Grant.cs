using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>Permission: this account may use these ports and protocols on this edge, or on every edge.</summary>
internal sealed class Grant
{
    public GrantId Id { get; set; }

    public AccountId AccountId { get; set; }

    /// <summary>Null: every edge, those to come included.</summary>
    public EdgeId? EdgeId { get; set; }

    /// <summary>1–65535.</summary>
    public int FirstPort { get; set; }

    /// <summary><see cref="FirstPort"/>–65535, included.</summary>
    public int LastPort { get; set; }

    public bool Tcp { get; set; }

    public bool Udp { get; set; }

    /// <summary>Rules under this grant may aim at the edge's own loopback and link-local addresses.</summary>
    public bool LocalTargets { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    public string Note { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Counts up with each change; what If-Match compares.</summary>
    public long Revision { get; set; } = 1;

    internal sealed class Configuration : IEntityTypeConfiguration<Grant>
    {
        public void Configure(EntityTypeBuilder<Grant> table)
        {
            table.ToTable("Grants", of => of.HasCheckConstraint("PortsInOrder", "FirstPort >= 1 AND LastPort >= FirstPort AND LastPort <= 65535"));
            table.Property(grant => grant.Revision).IsConcurrencyToken();
            table.HasIndex(grant => grant.AccountId);
            table.HasIndex(grant => grant.EdgeId);
            // Whoever removes an account or an edge removes its grants by name first, so that the log tells of each.
            table.HasOne<Account>().WithMany().HasForeignKey(grant => grant.AccountId).OnDelete(DeleteBehavior.Restrict);
            table.HasOne<Edge>().WithMany().HasForeignKey(grant => grant.EdgeId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}

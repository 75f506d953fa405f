using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>A machine that runs portunus-edge, known before it has ever connected.</summary>
internal sealed class Edge
{
    public EdgeId Id { get; set; }

    /// <summary>For people; nothing is keyed by it.</summary>
    public string Name { get; set; } = "";

    /// <summary>Where people reach the edge's ports: an address or a host name without a port; null when not told.</summary>
    public string? PublicAddress { get; set; }

    public string Note { get; set; } = "";

    /// <summary>SHA-256 of the credential given at enrolment; null before the first.</summary>
    public byte[]? CredentialHash { get; set; }

    public DateTimeOffset? EnrolledAt { get; set; }

    /// <summary>When it was told to forward nothing more; null while trusted.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    public DateTimeOffset? LastSeenAt { get; set; }

    public string? LastSeenFrom { get; set; }

    /// <summary>Version of the program at its last hello.</summary>
    public string? Version { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    /// <summary>Counts up with each change of this row (not of the plan); what If-Match compares.</summary>
    public long Revision { get; set; } = 1;

    internal sealed class Configuration : IEntityTypeConfiguration<Edge>
    {
        public void Configure(EntityTypeBuilder<Edge> table)
        {
            table.ToTable("Edges");
            table.Property(edge => edge.Revision).IsConcurrencyToken();
            table.HasIndex(edge => edge.Name);
            table.HasIndex(edge => edge.CredentialHash).IsUnique();
        }
    }
}

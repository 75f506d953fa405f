using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;
using Portunus.Web.Database.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>A code that turns a machine into an edge, once and for a short time. It is shown once; only its hash is kept.</summary>
internal sealed class EnrollCode
{
    public EnrollCodeId Id { get; set; }

    public EdgeId EdgeId { get; set; }

    /// <summary>SHA-256 of the code, which is 32 random bytes.</summary>
    public byte[] Hash { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Who made it; null once that account is gone, or where a command line made it.</summary>
    public AccountId? CreatedBy { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? RedeemedAt { get; set; }

    public string? RedeemedFrom { get; set; }

    public DateTimeOffset? CancelledAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EnrollCode>
    {
        public void Configure(EntityTypeBuilder<EnrollCode> table)
        {
            table.ToTable("EnrollCodes");
            table.HasIndex(code => code.Hash).IsUnique();
            table.HasIndex(code => new { code.EdgeId, code.Id });
            table.HasOne<Edge>().WithMany().HasForeignKey(code => code.EdgeId).OnDelete(DeleteBehavior.Cascade);
            table.HasOne<Account>().WithMany().HasForeignKey(code => code.CreatedBy).OnDelete(DeleteBehavior.SetNull);
        }
    }
}

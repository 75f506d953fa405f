using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>One of the codes that stand in for the second factor, each good for one sign-in. Only its hash is kept.</summary>
internal sealed class RecoveryCode
{
    public long Id { get; set; }

    public AccountId AccountId { get; set; }

    /// <summary>SHA-256 of the code; it is random and long enough that a slow hash gains nothing.</summary>
    public byte[] Hash { get; set; } = [];

    public DateTimeOffset? UsedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<RecoveryCode>
    {
        public void Configure(EntityTypeBuilder<RecoveryCode> table)
        {
            table.ToTable("RecoveryCodes");
            table.HasIndex(code => new { code.AccountId, code.Hash }).IsUnique();
            table.HasOne<Account>().WithMany().HasForeignKey(code => code.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

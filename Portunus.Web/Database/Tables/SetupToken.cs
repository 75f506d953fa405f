using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Portunus.Web.Database.Tables;

/// <summary>The one token by which the first superadmin is made. At most one row; gone once it was used.</summary>
internal sealed class SetupToken
{
    public const int TheOne = 1;

    public int Id { get; set; } = TheOne;

    /// <summary>SHA-256 of the token, which is 32 random bytes.</summary>
    public byte[] Hash { get; set; } = [];

    public DateTimeOffset IssuedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<SetupToken>
    {
        public void Configure(EntityTypeBuilder<SetupToken> table)
        {
            table.ToTable("SetupTokens", of => of.HasCheckConstraint("OnlyOne", "Id = 1"));
            table.Property(token => token.Id).ValueGeneratedNever();
        }
    }
}

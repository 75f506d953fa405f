using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;
using Portunus.Web.Database.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>What a token may be used for, within what its account may do.</summary>
internal enum TokenScope
{
    Read,
    Write,
}

/// <summary>A bearer token of an account. It is shown once; only its hash is kept.</summary>
internal sealed class ApiToken
{
    public ApiTokenId Id { get; set; }

    public AccountId AccountId { get; set; }

    public string Name { get; set; } = "";

    public TokenScope Scope { get; set; }

    /// <summary>SHA-256 of the token, which is 32 random bytes.</summary>
    public byte[] Hash { get; set; } = [];

    /// <summary>The first letters of the token, by which its owner knows it again.</summary>
    public string Hint { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Written at most once a minute, so that reading does not become writing.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public string? LastUsedFrom { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ApiToken>
    {
        public void Configure(EntityTypeBuilder<ApiToken> table)
        {
            table.ToTable("ApiTokens");
            table.HasIndex(token => token.Hash).IsUnique();
            table.HasIndex(token => new { token.AccountId, token.Id });
            table.HasOne<Account>().WithMany().HasForeignKey(token => token.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

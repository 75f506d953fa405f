using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;
using Portunus.Web.Database.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>One signed-in browser: what its cookie stands for. It ends with the row, by age, or with the account's security stamp.</summary>
internal sealed class SignIn
{
    public SignInId Id { get; set; }

    public AccountId AccountId { get; set; }

    /// <summary>SHA-256 of the cookie's value, which is 32 random bytes.</summary>
    public byte[] Hash { get; set; } = [];

    /// <summary>The account's security stamp at sign-in.</summary>
    public string Stamp { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    /// <summary>Written at most once a minute.</summary>
    public DateTimeOffset LastSeenAt { get; set; }

    /// <summary>When it ends however busy it is.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    public string RemoteAddress { get; set; } = "";

    public string UserAgent { get; set; } = "";

    internal sealed class Configuration : IEntityTypeConfiguration<SignIn>
    {
        public void Configure(EntityTypeBuilder<SignIn> table)
        {
            table.ToTable("SignIns");
            table.HasIndex(signIn => signIn.Hash).IsUnique();
            table.HasIndex(signIn => signIn.AccountId);
            table.HasIndex(signIn => signIn.ExpiresAt);
            table.HasOne<Account>().WithMany().HasForeignKey(signIn => signIn.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

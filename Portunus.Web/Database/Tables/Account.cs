using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Portunus.Shared.Ids;

namespace Portunus.Web.Database.Tables;

/// <summary>What an account may do.</summary>
internal enum AccountRole
{
    /// <summary>A tenant: own rules within grants.</summary>
    User,

    /// <summary>Reads everything, changes nothing but own credentials.</summary>
    Auditor,

    /// <summary>Everything.</summary>
    Superadmin,
}

/// <summary>
/// Somebody who may sign in. Name, password hash, stamps and the lock are those of ASP.NET Core Identity's user; its mail and
/// telephone are not kept. The security stamp changes with password, role, second factor and disabling, and a sign-in lives
/// only as long as the stamp it was made under.
/// </summary>
internal sealed class Account : IdentityUser<AccountId>
{
    public string DisplayName { get; set; } = "";

    public AccountRole Role { get; set; }

    public bool Disabled { get; set; }

    /// <summary>Nothing but a new password is taken from this account until it has one.</summary>
    public bool MustChangePassword { get; set; }

    /// <summary>Secret of the second factor in use (RFC 6238), 20 bytes; null without one.</summary>
    public byte[]? AuthenticatorKey { get; set; }

    /// <summary>A secret handed out and not yet proven by a first code.</summary>
    public byte[]? PendingAuthenticatorKey { get; set; }

    /// <summary>The time step of the last code taken, so that no code is taken twice.</summary>
    public long LastAuthenticatorStep { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ChangedAt { get; set; }

    public DateTimeOffset PasswordChangedAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }

    /// <summary>Counts up with each change; what If-Match compares.</summary>
    public long Revision { get; set; } = 1;

    internal sealed class Configuration : IEntityTypeConfiguration<Account>
    {
        public void Configure(EntityTypeBuilder<Account> table)
        {
            table.ToTable("Accounts");
            table.Property(account => account.UserName).HasMaxLength(32).IsRequired();
            table.Property(account => account.NormalizedUserName).HasMaxLength(32).IsRequired();
            table.Property(account => account.SecurityStamp).IsRequired();
            table.Property(account => account.Revision).IsConcurrencyToken();
            table.HasIndex(account => account.NormalizedUserName).IsUnique();
            table.Ignore(account => account.Email);
            table.Ignore(account => account.NormalizedEmail);
            table.Ignore(account => account.EmailConfirmed);
            table.Ignore(account => account.PhoneNumber);
            table.Ignore(account => account.PhoneNumberConfirmed);
            // Locks are kept per address as well, in SignInThrottle; the revision is the one concurrency token.
            table.Ignore(account => account.LockoutEnabled);
            table.Ignore(account => account.LockoutEnd);
            table.Ignore(account => account.AccessFailedCount);
            table.Ignore(account => account.ConcurrencyStamp);
        }
    }
}

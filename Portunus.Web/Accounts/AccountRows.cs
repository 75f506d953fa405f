using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>What every writer of accounts does to their rows.</summary>
internal static class AccountRows
{
    public static Problem NotFound { get; } = Problem.NotFound("account");

    public static AuditSubject Subject(Account account) => new("account", account.Id.ToString(), account.UserName ?? "");

    /// <summary>An entry's picture of an account: everything but its secrets.</summary>
    public static object Picture(Account account) => new
    {
        name = account.UserName,
        display_name = account.DisplayName,
        role = account.Role,
        disabled = account.Disabled,
        must_change_password = account.MustChangePassword,
        second_factor = account.AuthenticatorKey is not null,
    };

    public static Account New(string name, string? displayName, AccountRole role, string passwordHash, bool mustChange, DateTimeOffset now) => new()
    {
        Id = AccountId.New(),
        UserName = name,
        NormalizedUserName = name,
        DisplayName = displayName?.Trim() ?? name,
        Role = role,
        PasswordHash = passwordHash,
        MustChangePassword = mustChange,
        SecurityStamp = NewStamp(),
        CreatedAt = now,
        ChangedAt = now,
        PasswordChangedAt = now,
    };

    /// <summary>Every sign-in made under the old stamp is over.</summary>
    public static string NewStamp() => Secrets.New();

    public static void Touch(Account account, DateTimeOffset now)
    {
        account.ChangedAt = now;
        account.Revision++;
    }

    public static void SetPassword(Account account, string hash, bool mustChange, DateTimeOffset now)
    {
        account.PasswordHash = hash;
        account.MustChangePassword = mustChange;
        account.PasswordChangedAt = now;
        account.SecurityStamp = NewStamp();
        Touch(account, now);
    }

    /// <summary>
    /// Whether a superadmin who is not disabled is left without this one. Asked inside the transaction that would take it away, so
    /// two who remove each other at once cannot both succeed.
    /// </summary>
    public static Task<bool> IsLastSuperadminAsync(PortunusDb db, AccountId id, CancellationToken cancel) =>
        db.Accounts.AllAsync(account => account.Id == id || account.Role != AccountRole.Superadmin || account.Disabled, cancel);

    public static Problem LastSuperadmin { get; } =
        Problem.Conflict("last_superadmin", "", "This is the last superadmin that is not disabled; make another one first.");
}

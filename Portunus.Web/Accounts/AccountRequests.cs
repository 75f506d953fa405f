using System.ComponentModel.DataAnnotations;
using Portunus.Shared.Rules;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>A new account.</summary>
/// <param name="Name">1–32 characters: a lower-case letter, then lower-case letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="DisplayName">1–64 characters; the name when left out.</param>
/// <param name="Role">Default user.</param>
/// <param name="Password">When left out, the program chooses one, and it must be changed at the first sign-in.</param>
/// <param name="MustChangePassword">Default: whether the program chose the password.</param>
internal sealed record AccountAsked(
    [property: Required] [property: Bounds(1, 32)] string? Name, [property: Bounds(1, 64)] string? DisplayName, AccountRole? Role,
    [property: Bounds(PasswordRules.MinLength, PasswordRules.MaxLength)] string? Password, bool? MustChangePassword);

/// <summary>What of an account can be changed by a superadmin.</summary>
/// <param name="Name">As for a new one.</param>
/// <param name="DisplayName">1–64 characters, for people.</param>
/// <param name="Role">What it may do from now on.</param>
/// <param name="Disabled">True shuts it out at once, its tokens and sign-ins too, and cuts its rules.</param>
/// <param name="MustChangePassword">True lets it do nothing but choose a new password.</param>
internal sealed record AccountChange(
    [property: Bounds(1, 32)] string? Name, [property: Bounds(1, 64)] string? DisplayName, AccountRole? Role, bool? Disabled, bool? MustChangePassword);

/// <summary>A new password for somebody else.</summary>
/// <param name="Password">When left out, the program chooses one, and it must be changed at the next sign-in.</param>
/// <param name="MustChangePassword">Default: whether the program chose the password.</param>
internal sealed record PasswordReset(
    [property: Bounds(PasswordRules.MinLength, PasswordRules.MaxLength)] string? Password, bool? MustChangePassword);

/// <summary>A new password for oneself.</summary>
/// <param name="CurrentPassword">The one that it takes the place of.</param>
/// <param name="NewPassword">12–256 characters, and none of those that are tried first.</param>
internal sealed record PasswordChange(
    [property: Required] string? CurrentPassword, [property: Required, Bounds(PasswordRules.MinLength, PasswordRules.MaxLength)] string? NewPassword);

/// <summary>The first superadmin.</summary>
/// <param name="SetupToken">As the program printed it.</param>
/// <param name="Name">As for every account.</param>
/// <param name="DisplayName">The name when left out.</param>
/// <param name="Password">At least 12 characters.</param>
internal sealed record SetupAsked(
    [property: Required] string? SetupToken, [property: Required, Bounds(1, 32)] string? Name, [property: Bounds(1, 64)] string? DisplayName,
    [property: Required, Bounds(PasswordRules.MinLength, PasswordRules.MaxLength)] string? Password);

/// <summary>Signing in.</summary>
/// <param name="Name">Of the account.</param>
/// <param name="Password">Its password.</param>
/// <param name="Code">Of the authenticator app, or a recovery code; only where there is a second factor.</param>
internal sealed record SignInAsked([property: Required] string? Name, [property: Required] string? Password, string? Code);

/// <summary>A new token.</summary>
/// <param name="Name">1–64 characters, for its owner.</param>
/// <param name="Scope">read or write.</param>
/// <param name="ExpiresAt">Null or left out: never.</param>
internal sealed record TokenAsked([property: Required, Bounds(1, 64)] string? Name, [property: Required] TokenScope? Scope, DateTimeOffset? ExpiresAt);

/// <summary>Proof that whoever asks is the account's owner and not somebody at an unlocked screen.</summary>
/// <param name="Password">The account's password.</param>
/// <param name="Code">Where a second factor is in use: its code, or a recovery code.</param>
internal sealed record ProofAsked([property: Required] string? Password, string? Code);

/// <summary>The first code of a new second factor.</summary>
/// <param name="Code">Six digits, as the app shows them now.</param>
internal sealed record CodeAsked([property: Required] string? Code);

using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>A new account.</summary>
/// <param name="Name">1–32 characters: a lower-case letter, then lower-case letters, digits, <c>-</c> and <c>_</c>.</param>
/// <param name="DisplayName">1–64 characters; the name when left out.</param>
/// <param name="Role">Default user.</param>
/// <param name="Password">When left out, the program chooses one, and it must be changed at the first sign-in.</param>
/// <param name="MustChangePassword">Default: whether the program chose the password.</param>
internal sealed record AccountAsked(string? Name, string? DisplayName, AccountRole? Role, string? Password, bool? MustChangePassword);

/// <summary>What of an account can be changed by a superadmin.</summary>
internal sealed record AccountChange(string? Name, string? DisplayName, AccountRole? Role, bool? Disabled, bool? MustChangePassword);

/// <summary>A new password for somebody else.</summary>
/// <param name="Password">When left out, the program chooses one, and it must be changed at the next sign-in.</param>
/// <param name="MustChangePassword">Default: whether the program chose the password.</param>
internal sealed record PasswordReset(string? Password, bool? MustChangePassword);

/// <summary>A new password for oneself.</summary>
internal sealed record PasswordChange(string? CurrentPassword, string? NewPassword);

/// <summary>The first superadmin.</summary>
/// <param name="SetupToken">As the program printed it.</param>
/// <param name="Name">As for every account.</param>
/// <param name="DisplayName">The name when left out.</param>
/// <param name="Password">At least 12 characters.</param>
internal sealed record SetupAsked(string? SetupToken, string? Name, string? DisplayName, string? Password);

/// <summary>Signing in.</summary>
/// <param name="Name">Of the account.</param>
/// <param name="Password">Its password.</param>
/// <param name="Code">Of the authenticator app, or a recovery code; only where there is a second factor.</param>
internal sealed record SignInAsked(string? Name, string? Password, string? Code);

/// <summary>A new token.</summary>
/// <param name="Name">1–64 characters, for its owner.</param>
/// <param name="Scope">read or write.</param>
/// <param name="ExpiresAt">Null or left out: never.</param>
internal sealed record TokenAsked(string? Name, TokenScope? Scope, DateTimeOffset? ExpiresAt);

/// <summary>Proof that whoever asks is the account's owner and not somebody at an unlocked screen.</summary>
/// <param name="Password">The account's password.</param>
/// <param name="Code">Where a second factor is in use: its code, or a recovery code.</param>
internal sealed record ProofAsked(string? Password, string? Code);

/// <summary>The first code of a new second factor.</summary>
internal sealed record CodeAsked(string? Code);

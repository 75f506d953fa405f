using Portunus.Web.Api;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>An account as it is read.</summary>
/// <param name="Id">For ever.</param>
/// <param name="Name">Signs in by it; may change.</param>
/// <param name="DisplayName">For people.</param>
/// <param name="Role">What it may do.</param>
/// <param name="Disabled">It may do nothing at all, at once.</param>
/// <param name="MustChangePassword">It may do nothing but choose a new password.</param>
/// <param name="SecondFactor">Whether signing in needs a code.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ChangedAt">When it was last changed.</param>
/// <param name="LastSignInAt">Null when never.</param>
/// <param name="Revision">For If-Match.</param>
internal sealed record AccountView(
    string Id, string Name, string DisplayName, AccountRole Role, bool Disabled, bool MustChangePassword, bool SecondFactor,
    DateTimeOffset CreatedAt, DateTimeOffset ChangedAt, DateTimeOffset? LastSignInAt, long Revision) : IRevised
{
    public static AccountView Of(Account account) => new(
        account.Id.ToString(), account.UserName ?? "", account.DisplayName, account.Role, account.Disabled, account.MustChangePassword,
        account.AuthenticatorKey is not null, account.CreatedAt, account.ChangedAt, account.LastSignInAt, account.Revision);
}

/// <summary>An account and, when the program chose it, the password to hand over: it is shown this once.</summary>
internal sealed record AccountMade(AccountView Account, string? TemporaryPassword) : IRevised
{
    long IRevised.Revision => Account.Revision;
}

/// <summary>The caller: the account, and by what it came.</summary>
/// <param name="Account">As others see it.</param>
/// <param name="Via"><c>cookie</c> or <c>token</c>.</param>
/// <param name="Scope">What this credential may be used for.</param>
internal sealed record MeView(AccountView Account, string Via, TokenScope Scope);

/// <summary>A token as it is read; the secret never is.</summary>
internal sealed record TokenView(
    string Id, string Name, TokenScope Scope, string Hint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, string? LastUsedFrom)
{
    public static TokenView Of(ApiToken token) => new(
        token.Id.ToString(), token.Name, token.Scope, token.Hint, token.CreatedAt, token.ExpiresAt, token.LastUsedAt, token.LastUsedFrom);
}

/// <summary>A new token with its secret, shown this once.</summary>
internal sealed record TokenMade(TokenView Token, string Secret);

/// <summary>A signed-in browser.</summary>
/// <param name="Id">No secret.</param>
/// <param name="IsCurrent">The one this request came by.</param>
/// <param name="CreatedAt">When it signed in.</param>
/// <param name="LastSeenAt">To a minute.</param>
/// <param name="ExpiresAt">When it ends at the latest.</param>
/// <param name="RemoteAddress">Where it signed in from.</param>
/// <param name="UserAgent">What it called itself.</param>
internal sealed record SignInView(
    string Id, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt, string RemoteAddress, string UserAgent);

/// <summary>Where the second factor of an account stands.</summary>
/// <param name="Enabled">Signing in needs a code.</param>
/// <param name="Pending">A secret was handed out and waits for its first code.</param>
/// <param name="RecoveryCodesLeft">How many have not been used.</param>
internal sealed record SecondFactorView(bool Enabled, bool Pending, int RecoveryCodesLeft);

/// <summary>A new secret for an authenticator app, shown this once.</summary>
/// <param name="Secret">Base32, to be typed in.</param>
/// <param name="Uri">The same as a link.</param>
/// <param name="QrSvg">The same as a picture.</param>
internal sealed record SecondFactorStarted(string Secret, string Uri, string QrSvg);

/// <summary>New recovery codes, shown this once; older ones are worth nothing from now on.</summary>
internal sealed record RecoveryCodesMade(IReadOnlyList<string> RecoveryCodes);

/// <summary>What an account takes with it.</summary>
internal sealed record Departure(string AccountId, IReadOnlyList<DepartureItem> GoesWithIt);

/// <summary>One thing that goes with an account.</summary>
internal sealed record DepartureItem(string Kind, string Id, string Name);

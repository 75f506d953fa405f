using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Accounts;

/// <summary>
/// Turns a secret into an actor, from the store at every request: a disabled account, a changed role, a revoked token or an ended
/// sign-in takes effect with the next one.
/// </summary>
internal sealed class CredentialReader(IDbContextFactory<PortunusDb> factory, LastUse lastUse, TimeProvider clock, AccountsOptions options)
{
    /// <summary>Who holds this API token; null for one that is wrong, expired, revoked or of a disabled account.</summary>
    public async Task<Actor?> ByTokenAsync(string secret, string remoteAddress, string requestId, CancellationToken cancel)
    {
        if (!IsPlausible(secret))
        {
            return null;
        }

        var hash = Secrets.HashOf(secret);
        await using var db = await factory.CreateDbContextAsync(cancel);
        var found = await (
            from token in db.ApiTokens.AsNoTracking()
            join account in db.Accounts.AsNoTracking() on token.AccountId equals account.Id
            where token.Hash == hash
            select new { token, account }).SingleOrDefaultAsync(cancel);
        var now = clock.GetUtcNow();
        if (found is null || found.account.Disabled || found.token.ExpiresAt <= now)
        {
            return null;
        }

        lastUse.Note(found.token.Id, now, remoteAddress);
        return Of(found.account, "token", remoteAddress, requestId) with { Token = found.token.Id, IsReadOnly = found.token.Scope == TokenScope.Read };
    }

    /// <summary>Who is signed in by this cookie; null when nobody any more.</summary>
    public async Task<Actor?> ByCookieAsync(string secret, string remoteAddress, string requestId, CancellationToken cancel)
    {
        if (!IsPlausible(secret))
        {
            return null;
        }

        var hash = Secrets.HashOf(secret);
        await using var db = await factory.CreateDbContextAsync(cancel);
        var found = await (
            from signIn in db.SignIns.AsNoTracking()
            join account in db.Accounts.AsNoTracking() on signIn.AccountId equals account.Id
            where signIn.Hash == hash
            select new { signIn, account }).SingleOrDefaultAsync(cancel);
        var now = clock.GetUtcNow();
        if (found is null || found.account.Disabled || found.signIn.ExpiresAt <= now || found.signIn.Stamp != found.account.SecurityStamp
            || lastUse.Of(found.signIn.Id, found.signIn.LastSeenAt) + options.SignInIdle <= now)
        {
            return null;
        }

        lastUse.Note(found.signIn.Id, now);
        return Of(found.account, "cookie", remoteAddress, requestId) with { SignIn = found.signIn.Id };
    }

    private static bool IsPlausible(string secret) => secret.Length is > 0 and <= Secrets.MaxLength;

    private static Actor Of(Account account, string via, string remoteAddress, string requestId) => new()
    {
        Id = account.Id,
        Name = account.UserName ?? "",
        Role = account.Role,
        Via = via,
        MustChangePassword = account.MustChangePassword,
        RemoteAddress = remoteAddress,
        RequestId = requestId,
    };
}

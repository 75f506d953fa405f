using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;

namespace Portunus.Web.Accounts;

/// <summary>
/// Asks again who somebody is, for what goes on longer than a request: the account may have been disabled since, its role changed, its
/// token revoked or its sign-in ended. Asking is no use of the credential: an open page must not keep a sign-in alive for ever.
/// </summary>
internal sealed class StandingReader(IDbContextFactory<PortunusDb> factory, LastUse lastUse, TimeProvider clock, AccountsOptions options) : IStanding
{
    /// <summary>The actor as of now; null once the credential is good for nothing any more.</summary>
    public async Task<Actor?> AgainAsync(Actor actor, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var account = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == actor.Id, cancel);
        if (account is null or { Disabled: true } or { MustChangePassword: true })
        {
            return null;
        }

        var now = clock.GetUtcNow();
        if (actor.Token is { } token)
        {
            return await db.ApiTokens.AnyAsync(row => row.Id == token && row.AccountId == account.Id && (row.ExpiresAt == null || row.ExpiresAt > now), cancel)
                ? actor with { Role = account.Role }
                : null;
        }

        return actor.SignIn is { } signIn && await db.SignIns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == signIn, cancel) is { } found
            && found.ExpiresAt > now && found.Stamp == account.SecurityStamp && lastUse.Of(found.Id, found.LastSeenAt) + options.SignInIdle > now
            ? actor with { Role = account.Role }
            : null;
    }
}

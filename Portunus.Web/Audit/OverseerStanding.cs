using Microsoft.EntityFrameworkCore;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;

namespace Portunus.Web.Audit;

/// <summary>Whether somebody whose answer takes long may still have it: judged by the store again and again, not once at its beginning.</summary>
internal static class OverseerStanding
{
    /// <summary>Whether the account is still an overseer's, and the token or the sign-in behind the request still good.</summary>
    public static async Task<bool> IsOverseerStillAsync(PortunusDb db, Actor actor, DateTimeOffset now, CancellationToken cancel)
    {
        if (actor.Id is not { } id)
        {
            return actor.IsOverseer;
        }

        var account = await db.Accounts.AsNoTracking().Where(one => one.Id == id)
            .Select(one => new { one.Role, one.Disabled, one.SecurityStamp }).SingleOrDefaultAsync(cancel);
        if (account is not { Disabled: false, Role: AccountRole.Superadmin or AccountRole.Auditor })
        {
            return false;
        }

        return actor switch
        {
            { Token: { } token } => await db.ApiTokens.AnyAsync(one => one.Id == token && (one.ExpiresAt == null || one.ExpiresAt > now), cancel),
            { SignIn: { } signIn } => await db.SignIns.AnyAsync(one => one.Id == signIn && one.Stamp == account.SecurityStamp && one.ExpiresAt > now, cancel),
            _ => true,
        };
    }
}

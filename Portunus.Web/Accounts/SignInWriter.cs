using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Ids;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>Somebody who has just signed in.</summary>
/// <param name="Account">Who.</param>
/// <param name="Secret">What their cookie holds.</param>
/// <param name="ExpiresAt">When it ends at the latest.</param>
internal sealed record SignedIn(AccountView Account, string Secret, DateTimeOffset ExpiresAt);

/// <summary>Signing in and out. Every wrong answer looks the same and takes the same time, whatever was wrong.</summary>
internal sealed class SignInWriter(
    AuditTrail trail, PasswordHashes hashes, SignInGate gate, IDbContextFactory<PortunusDb> factory, AccountsOptions options)
{
    private const string Action = "account.sign_in";
    private const int MaxUserAgent = 200;

    /// <summary>Nobody sits at more browsers at once.</summary>
    internal const int MaxPerAccount = 50;

    private static readonly Problem s_wrong = new("sign_in_failed", "", "The name or the password is wrong, or the account may not sign in.", ProblemKind.Unauthenticated);

    public async Task<Outcome<SignedIn>> SignInAsync(Actor actor, SignInAsked asked, string userAgent, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var name = (asked.Name ?? "").ToLowerInvariant();
        var seen = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.NormalizedUserName == name, cancel);
        // A name that nobody has is not written down: people type passwords into the wrong field.
        var subject = seen is null ? new AuditSubject("account") : AccountRows.Subject(seen);
        var isKnownAddress = seen is not null && await db.SignIns.AnyAsync(one => one.AccountId == seen.Id && one.RemoteAddress == actor.RemoteAddress, cancel);
        var keys = SignInGate.Keys("sign-in", name, actor.RemoteAddress, isKnownAddress);
        var (entered, wait) = await gate.EnterAsync(db, keys, cancel);
        if (entered is null)
        {
            var refusal = Throttled(wait);
            await trail.RefuseCountedAsync(actor, Action, subject, refusal);
            return refusal;
        }

        using (entered)
        {
            var check = await hashes.VerifyAsync(seen?.PasswordHash, asked.Password ?? "", cancel);
            if (check == PasswordCheck.Busy)
            {
                await trail.RefuseCountedAsync(actor, Action, subject, AccountWriter.Busy);
                return AccountWriter.Busy;
            }

            var rehashed = check == PasswordCheck.RightButOld ? await hashes.HashAsync(asked.Password ?? "", cancel) : null;
            return await trail.ChangeAsync<SignedIn>(actor, Action, subject, async change =>
            {
                var account = seen is null ? null : await change.Db.Accounts.SingleOrDefaultAsync(one => one.Id == seen.Id, cancel);
                // What was compared outside the transaction must still hold in it.
                if (check == PasswordCheck.Wrong || account is null || account.Disabled || account.PasswordHash != seen?.PasswordHash)
                {
                    change.KeepOnRefusal = write => gate.CountAsync(write, keys);
                    return s_wrong;
                }

                if (await SecondFactorWriter.RefusalAsync(change.Db, account, asked.Code, change.Now) is { } missing)
                {
                    change.KeepOnRefusal = missing.Code == SecondFactorWriter.Required.Code ? null : write => gate.CountAsync(write, keys);
                    return missing;
                }

                account.PasswordHash = rehashed ?? account.PasswordHash;
                account.LastSignInAt = change.Now;
                await SignInGate.ClearAsync(change.Db, keys);
                change.Actor = actor with { Id = account.Id, Name = account.UserName ?? "", Role = account.Role, Via = "cookie" };
                return await AddAsync(change, account, userAgent, cancel);
            }, cancel);
        }
    }

    /// <summary>Ends the sign-in that the actor came by.</summary>
    public Task<Outcome<Nothing>> SignOutAsync(Actor actor, CancellationToken cancel) =>
        EndAsync(actor, actor.SignIn, cancel);

    /// <summary>Ends one of the actor's own sign-ins.</summary>
    public async Task<Outcome<Nothing>> EndAsync(Actor actor, SignInId? id, CancellationToken cancel)
    {
        // Signing out must always be possible, for those too that may do nothing else.
        var free = actor with { MustChangePassword = false };
        return await trail.ChangeAsync<Nothing>(free, "account.sign_out", Self(actor), async change =>
        {
            var count = id is null ? 0 : await change.Db.SignIns.Where(signIn => signIn.Id == id && signIn.AccountId == actor.Id).ExecuteDeleteAsync(cancel);
            if (count == 0)
            {
                return Problem.NotFound("session");
            }

            change.Tell("account.sign_out", Self(actor), before: new { session = id.ToString() });
            return default(Nothing);
        }, cancel);
    }

    /// <summary>Ends all of the actor's sign-ins but the one it came by.</summary>
    public Task<Outcome<Nothing>> EndOthersAsync(Actor actor, CancellationToken cancel) =>
        trail.ChangeAsync<Nothing>(actor, "account.sign_out", Self(actor), async change =>
        {
            var count = await change.Db.SignIns.Where(signIn => signIn.AccountId == actor.Id && signIn.Id != actor.SignIn).ExecuteDeleteAsync(cancel);
            change.Tell("account.sign_out", Self(actor), after: new { ended = count });
            return default(Nothing);
        }, cancel);

    internal static AuditSubject Self(Actor actor) => new("account", actor.Id?.ToString() ?? "", actor.Name);

    internal static Problem Throttled(TimeSpan wait) =>
        new("throttled", "", "Too many tries have failed; wait before the next one.", ProblemKind.TooMany) { RetryAfter = wait };

    private async Task<Outcome<SignedIn>> AddAsync(AuditedChange change, Account account, string userAgent, CancellationToken cancel)
    {
        var secret = Secrets.New();
        var signIn = new SignIn
        {
            Id = SignInId.New(),
            AccountId = account.Id,
            Hash = Secrets.HashOf(secret),
            Stamp = account.SecurityStamp ?? "",
            CreatedAt = change.Now,
            LastSeenAt = change.Now,
            ExpiresAt = change.Now + options.SignInLifetime,
            RemoteAddress = change.Actor.RemoteAddress,
            UserAgent = userAgent.Length > MaxUserAgent ? userAgent[..MaxUserAgent] : userAgent,
        };
        await change.Db.SignIns.Where(old => old.ExpiresAt <= change.Now).ExecuteDeleteAsync(cancel);
        await MakeRoomAsync(change, account, cancel);
        change.Db.SignIns.Add(signIn);
        change.Tell(Action, AccountRows.Subject(account), after: new { session = signIn.Id.ToString(), user_agent = signIn.UserAgent });
        return new SignedIn(AccountView.Of(account), secret, signIn.ExpiresAt);
    }

    /// <summary>Those longest without use end: refusing the new one would lock its owner out.</summary>
    private static async Task MakeRoomAsync(AuditedChange change, Account account, CancellationToken cancel)
    {
        var known = await change.Db.SignIns.Where(signIn => signIn.AccountId == account.Id).OrderByDescending(signIn => signIn.LastSeenAt).ThenByDescending(signIn => signIn.Id)
            .Skip(MaxPerAccount - 1).ToListAsync(cancel);
        foreach (var old in known)
        {
            change.Db.SignIns.Remove(old);
            change.Tell("account.sign_out", AccountRows.Subject(account), before: new { session = old.Id.ToString() });
        }
    }
}

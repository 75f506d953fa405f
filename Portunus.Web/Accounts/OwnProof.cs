using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>
/// Changes to one's own credentials, which need the password again: an unlocked screen is not enough. Guessing it here is slowed
/// down as it is when signing in.
/// </summary>
internal sealed class OwnProof(AuditTrail trail, PasswordHashes hashes, SignInGate gate, IDbContextFactory<PortunusDb> factory)
{
    private static readonly Problem s_wrong = new("password_wrong", "password", "The password is wrong.");

    /// <summary>Runs a change once the proof holds.</summary>
    /// <param name="actor">Whose own account it is.</param>
    /// <param name="action">Dotted and stable.</param>
    /// <param name="asked">Password and, with a second factor, its code.</param>
    /// <param name="work">The change.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <param name="field">What the request calls the password.</param>
    /// <param name="isCodeAsked">Whether a second factor is asked for as well.</param>
    public async Task<Outcome<T>> ChangeAsync<T>(
        Actor actor, string action, ProofAsked asked, Func<AuditedChange, Account, Task<Outcome<T>>> work, CancellationToken cancel,
        string field = "password", bool isCodeAsked = true)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var subject = SignInWriter.Self(actor);
        var seen = await db.Accounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == actor.Id, cancel);
        if (seen is null)
        {
            return AccountReader.Unknown;
        }

        var keys = SignInGate.Keys("password", actor.Name, actor.RemoteAddress, isKnownAddress: true);
        var (entered, wait) = await gate.EnterAsync(db, keys, cancel);
        if (entered is null)
        {
            var refusal = SignInWriter.Throttled(wait);
            await trail.RefuseCountedAsync(actor, action, subject, refusal);
            return refusal;
        }

        using (entered)
        {
            var check = await hashes.VerifyAsync(seen.PasswordHash, asked.Password ?? "", cancel);
            if (check == PasswordCheck.Busy)
            {
                await trail.RefuseCountedAsync(actor, action, subject, AccountWriter.Busy);
                return AccountWriter.Busy;
            }

            return await trail.ChangeAsync<T>(actor, action, subject, async change =>
            {
                var account = await change.Db.Accounts.SingleOrDefaultAsync(one => one.Id == actor.Id, cancel);
                if (check == PasswordCheck.Wrong || account is null || account.Disabled || account.PasswordHash != seen.PasswordHash)
                {
                    change.KeepOnRefusal = write => gate.CountAsync(write, keys);
                    return s_wrong with { Field = field };
                }

                if (isCodeAsked && await SecondFactorWriter.RefusalAsync(change.Db, account, asked.Code, change.Now) is { } missing)
                {
                    change.KeepOnRefusal = write => gate.CountAsync(write, keys);
                    return missing with { Kind = ProblemKind.Invalid };
                }

                var outcome = await work(change, account);
                if (outcome.IsDone)
                {
                    await SignInGate.ClearAsync(change.Db, keys);
                }

                return outcome;
            }, cancel);
        }
    }

    /// <summary>Gives the account a new stamp and ends every sign-in but the one this change came by, which moves on to it.</summary>
    public static async Task EndOthersAsync(AuditedChange change, Account account, CancellationToken cancel)
    {
        account.SecurityStamp = AccountRows.NewStamp();
        await change.Db.SignIns.Where(signIn => signIn.AccountId == account.Id && signIn.Id != change.Actor.SignIn).ExecuteDeleteAsync(cancel);
        if (change.Actor.SignIn is { } current && await change.Db.SignIns.SingleOrDefaultAsync(signIn => signIn.Id == current, cancel) is { } own)
        {
            own.Stamp = account.SecurityStamp;
        }
    }
}

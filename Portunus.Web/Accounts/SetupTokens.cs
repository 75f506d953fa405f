using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>
/// The first run. Whoever can read what the program prints may make the first superadmin, once: there is no password that ships with
/// it. The token is new at each start and lives for half an hour.
/// </summary>
internal sealed class SetupTokens(AuditTrail trail, PasswordHashes hashes, SignInGate gate, IDbContextFactory<Database.PortunusDb> factory, AccountsOptions options)
{
    private static readonly AuditSubject s_subject = new("setup");

    private static readonly Problem s_over = Problem.Conflict("already_set_up", "", "There is a superadmin already; sign in, or ask one.");

    private static readonly Problem s_wrong = new("setup_token_invalid", "setup_token", "The setup token is wrong or too old; the program prints a new one at its start, and with setup-token.", ProblemKind.Unauthenticated);

    /// <summary>Mints the token anew and answers it, to be printed this once; refused once there is a superadmin.</summary>
    public Task<Outcome<string>> RotateAsync(Actor actor, CancellationToken cancel) =>
        trail.ChangeAsync<string>(actor, "setup.token", s_subject, async change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return refusal;
            }

            if (await IsOverAsync(change, cancel))
            {
                return s_over;
            }

            var secret = Secrets.New();
            await change.Db.SetupTokens.ExecuteDeleteAsync(cancel);
            change.Db.SetupTokens.Add(new SetupToken { Hash = Secrets.HashOf(secret), IssuedAt = change.Now, ExpiresAt = change.Now + options.SetupTokenLifetime });
            change.Tell("setup.token", s_subject, after: new { expires_at = change.Now + options.SetupTokenLifetime });
            return secret;
        }, cancel);

    /// <summary>Makes the first superadmin. It does not sign in.</summary>
    public async Task<Outcome<AccountView>> UseAsync(Actor actor, SetupAsked asked, CancellationToken cancel)
    {
        await using var db = await factory.CreateDbContextAsync(cancel);
        var keys = SignInGate.Keys("setup", null, actor.RemoteAddress, isKnownAddress: false);
        var (entered, wait) = await gate.EnterAsync(db, keys, cancel);
        if (entered is null)
        {
            var refusal = SignInWriter.Throttled(wait);
            await trail.RefuseCountedAsync(actor, "setup.use", s_subject, refusal);
            return refusal;
        }

        using (entered)
        {
            // The token before anything else: a stranger learns nothing and makes us hash nothing. Only a wrong token counts as a try.
            var token = asked.SetupToken is { Length: > 0 and <= Secrets.MaxLength } text ? Secrets.HashOf(text) : null;
            var known = await db.SetupTokens.AsNoTracking().SingleOrDefaultAsync(cancel);
            var isRight = token is not null && known is not null && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(known.Hash, token);
            var problems = new List<Problem>();
            if (isRight)
            {
                AccountCheck.Name(asked.Name, problems);
                AccountCheck.DisplayName(asked.DisplayName, problems);
                problems.AddRange(PasswordRules.Check(asked.Password, asked.Name ?? ""));
            }

            var hash = isRight && problems.Count == 0 ? await hashes.HashAsync(asked.Password ?? "", cancel) : "";
            return await trail.ChangeAsync<AccountView>(actor, "setup.use", s_subject, async change =>
            {
                if (await IsOverAsync(change, cancel))
                {
                    return s_over;
                }

                // Read again in the transaction: of two who use it at once, one finds it gone.
                var held = await change.Db.SetupTokens.SingleOrDefaultAsync(cancel);
                if (!isRight || held is null || held.ExpiresAt <= change.Now || !held.Hash.AsSpan().SequenceEqual(token))
                {
                    change.KeepOnRefusal = write => gate.CountAsync(write, keys);
                    return s_wrong;
                }

                if (problems.Count > 0)
                {
                    return problems;
                }

                if (hash is null)
                {
                    return AccountWriter.Busy;
                }

                var name = asked.Name ?? "";
                if (await change.Db.Accounts.AnyAsync(account => account.NormalizedUserName == name, cancel))
                {
                    return Problem.Conflict("name_taken", "name", $"There is an account named {name} already.");
                }

                var made = AccountRows.New(name, asked.DisplayName, AccountRole.Superadmin, hash, mustChange: false, change.Now);
                change.Db.Accounts.Add(made);
                change.Db.SetupTokens.Remove(held);
                change.Tell("setup.use", AccountRows.Subject(made), after: AccountRows.Picture(made));
                return AccountView.Of(made);
            }, cancel);
        }
    }

    private static Task<bool> IsOverAsync(AuditedChange change, CancellationToken cancel) =>
        change.Db.Accounts.AnyAsync(account => account.Role == AccountRole.Superadmin, cancel);
}

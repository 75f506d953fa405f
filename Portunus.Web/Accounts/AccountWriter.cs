using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Audit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>Changes to accounts by superadmins. What is taken away is gone at once, from live sign-ins and tokens too.</summary>
internal sealed class AccountWriter(AuditTrail trail, PasswordHashes hashes, IEnumerable<IOwnerConsequence> consequences)
{
    public async Task<Outcome<AccountMade>> CreateAsync(Actor actor, AccountAsked asked, CancellationToken cancel)
    {
        const string Action = "account.create";
        var subject = new AuditSubject("account", "", asked.Name ?? "");
        var problems = new List<Problem>();
        if (actor.NeedsSuperadmin() is { } refusal)
        {
            problems.Add(refusal);
        }
        else
        {
            AccountCheck.Name(asked.Name, problems);
            AccountCheck.DisplayName(asked.DisplayName, problems);
            if (asked.Password is not null)
            {
                problems.AddRange(PasswordRules.Check(asked.Password, asked.Name ?? ""));
            }
        }

        // A hash is made only for a request that is otherwise good, and never inside the transaction.
        var temporary = asked.Password is null ? Secrets.NewPassword() : null;
        var hash = problems.Count == 0 ? await hashes.HashAsync(asked.Password ?? temporary ?? "", cancel) : "";
        if (hash is null)
        {
            problems.Add(Busy);
        }

        return await trail.ChangeAsync<AccountMade>(actor, Action, subject, async change =>
        {
            if (problems.Count > 0)
            {
                return problems;
            }

            var name = asked.Name ?? "";
            if (await change.Db.Accounts.AnyAsync(account => account.NormalizedUserName == name, cancel))
            {
                return NameTaken(name);
            }

            var mustChange = asked.MustChangePassword ?? temporary is not null;
            var made = AccountRows.New(name, asked.DisplayName, asked.Role ?? AccountRole.User, hash ?? "", mustChange, change.Now);
            change.Db.Accounts.Add(made);
            change.Tell(Action, AccountRows.Subject(made), after: AccountRows.Picture(made));
            return new AccountMade(AccountView.Of(made), temporary);
        }, cancel);
    }

    /// <param name="actor">A superadmin.</param>
    /// <param name="id">Whose account.</param>
    /// <param name="revision">Which revision the change is meant for; null for any.</param>
    /// <param name="asked">All fields, as they shall be.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public Task<Outcome<AccountView>> ChangeAsync(Actor actor, AccountId id, long? revision, AccountChange asked, CancellationToken cancel) =>
        OnAccountAsync<AccountView>(actor, "account.change", id, async (change, account) =>
        {
            if (revision is { } expected && expected != account.Revision)
            {
                return Problem.Stale(expected, account.Revision);
            }

            var problems = new List<Problem>();
            AccountCheck.Name(asked.Name, problems);
            AccountCheck.DisplayName(asked.DisplayName ?? "", problems);
            if (problems.Count > 0)
            {
                return problems;
            }

            var (name, role, disabled) = (asked.Name ?? "", asked.Role ?? AccountRole.User, asked.Disabled ?? false);
            if (await change.Db.Accounts.AnyAsync(other => other.NormalizedUserName == name && other.Id != id, cancel))
            {
                return NameTaken(name);
            }

            var isLosing = account is { Role: AccountRole.Superadmin, Disabled: false } && (role != AccountRole.Superadmin || disabled);
            if (isLosing && await AccountRows.IsLastSuperadminAsync(change.Db, id, cancel))
            {
                return AccountRows.LastSuperadmin;
            }

            var before = AccountRows.Picture(account);
            var (hadRole, wasDisabled) = (account.Role, account.Disabled);
            account.UserName = account.NormalizedUserName = name;
            account.DisplayName = (asked.DisplayName ?? "").Trim();
            account.Role = role;
            account.Disabled = disabled;
            account.MustChangePassword = asked.MustChangePassword ?? false;
            if (hadRole != role || wasDisabled != disabled)
            {
                account.SecurityStamp = AccountRows.NewStamp();
                await change.Db.SignIns.Where(signIn => signIn.AccountId == id).ExecuteDeleteAsync(cancel);
            }

            AccountRows.Touch(account, change.Now);
            change.Tell("account.change", AccountRows.Subject(account), before, AccountRows.Picture(account));
            await change.Db.SaveChangesAsync(cancel);
            if (hadRole != role)
            {
                await FollowAsync(change, id, OwnerChange.RoleChanged, cancel);
            }

            if (wasDisabled != disabled)
            {
                await FollowAsync(change, id, disabled ? OwnerChange.Disabled : OwnerChange.Enabled, cancel);
            }

            return AccountView.Of(account);
        }, cancel);

    /// <summary>Removes an account with all that is its own, or only says what that is.</summary>
    public Task<Outcome<Departure>> DeleteAsync(Actor actor, AccountId id, long? revision, bool isTrial, CancellationToken cancel) =>
        OnAccountAsync<Departure>(actor, "account.delete", id, async (change, account) =>
        {
            change.IsTrial = isTrial;
            if (revision is { } expected && expected != account.Revision)
            {
                return Problem.Stale(expected, account.Revision);
            }

            if (id == actor.Id)
            {
                return Problem.Conflict("own_account", "", "Nobody can delete the account they are signed in with.");
            }

            if (account is { Role: AccountRole.Superadmin, Disabled: false } && await AccountRows.IsLastSuperadminAsync(change.Db, id, cancel))
            {
                return AccountRows.LastSuperadmin;
            }

            var going = new List<DepartureItem>();
            foreach (var consequence in consequences)
            {
                going.AddRange((await consequence.ListAsync(change.Db, id, cancel)).Select(one => new DepartureItem(one.Kind, one.Id, one.Name)));
            }

            var departure = new Departure(id.ToString(), going);
            if (isTrial)
            {
                return departure;
            }

            await FollowAsync(change, id, OwnerChange.Deleted, cancel);
            change.Db.Accounts.Remove(account);
            change.Tell("account.delete", AccountRows.Subject(account), before: AccountRows.Picture(account));
            return departure;
        }, cancel);

    /// <summary>Gives somebody a new password and ends all their sign-ins. Failed tries are forgotten.</summary>
    public async Task<Outcome<AccountMade>> ResetPasswordAsync(Actor actor, AccountId id, PasswordReset asked, CancellationToken cancel)
    {
        var temporary = asked.Password is null ? Secrets.NewPassword() : null;
        var tooLong = asked.Password?.Length > PasswordRules.MaxLength;
        var hash = !actor.IsSuperadmin || tooLong ? "" : await hashes.HashAsync(asked.Password ?? temporary ?? "", cancel);
        return await OnAccountAsync<AccountMade>(actor, "account.password.reset", id, async (change, account) =>
        {
            if (asked.Password is not null && PasswordRules.Check(asked.Password, account.UserName ?? "") is { Count: > 0 } problems)
            {
                return problems;
            }

            if (hash is null)
            {
                return Busy;
            }

            AccountRows.SetPassword(account, hash, asked.MustChangePassword ?? temporary is not null, change.Now);
            await change.Db.SignIns.Where(signIn => signIn.AccountId == id).ExecuteDeleteAsync(cancel);
            change.Tell("account.password.reset", AccountRows.Subject(account), after: new { must_change_password = account.MustChangePassword });
            return new AccountMade(AccountView.Of(account), temporary);
        }, cancel);
    }

    /// <summary>Takes the second factor off somebody who has lost it, and ends all their sign-ins.</summary>
    public Task<Outcome<AccountView>> RemoveSecondFactorAsync(Actor actor, AccountId id, CancellationToken cancel) =>
        OnAccountAsync<AccountView>(actor, "account.second_factor.remove", id, async (change, account) =>
        {
            await SecondFactorWriter.RemoveAsync(change.Db, account, change.Now);
            account.SecurityStamp = AccountRows.NewStamp();
            await change.Db.SignIns.Where(signIn => signIn.AccountId == id).ExecuteDeleteAsync(cancel);
            change.Tell("account.second_factor.remove", AccountRows.Subject(account));
            return AccountView.Of(account);
        }, cancel);

    /// <summary>Ends all sign-ins of an account, and with them nothing else.</summary>
    public Task<Outcome<Nothing>> SignOutAsync(Actor actor, AccountId id, CancellationToken cancel) =>
        OnAccountAsync<Nothing>(actor, "account.sign_out", id, async (change, account) =>
        {
            var count = await change.Db.SignIns.Where(signIn => signIn.AccountId == id).ExecuteDeleteAsync(cancel);
            change.Tell("account.sign_out", AccountRows.Subject(account), after: new { ended = count });
            return default(Nothing);
        }, cancel);

    internal static Problem Busy { get; } = new("sign_in_busy", "", "Too many passwords are being checked; try again in a moment.", ProblemKind.TooMany)
    {
        RetryAfter = TimeSpan.FromSeconds(2),
    };

    private static Problem NameTaken(string name) => Problem.Conflict("name_taken", "name", $"There is an account named {name} already.");

    private async Task FollowAsync(AuditedChange change, AccountId id, OwnerChange what, CancellationToken cancel)
    {
        foreach (var consequence in consequences)
        {
            await consequence.FollowAsync(change, id, what, cancel);
        }
    }

    private Task<Outcome<T>> OnAccountAsync<T>(
        Actor actor, string action, AccountId id, Func<AuditedChange, Account, Task<Outcome<T>>> work, CancellationToken cancel) =>
        trail.ChangeAsync<T>(actor, action, new AuditSubject("account", id.ToString()), async change =>
        {
            if (actor.NeedsSuperadmin() is { } refusal)
            {
                return refusal;
            }

            if (await change.Db.Accounts.SingleOrDefaultAsync(account => account.Id == id, cancel) is not { } found)
            {
                return AccountRows.NotFound;
            }

            change.Subject = AccountRows.Subject(found);
            return await work(change, found);
        }, cancel);
}

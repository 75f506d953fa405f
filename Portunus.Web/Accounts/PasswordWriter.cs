using Portunus.Web.Audit;
using Portunus.Web.Outcomes;

namespace Portunus.Web.Accounts;

/// <summary>Changing one's own password.</summary>
internal sealed class PasswordWriter(OwnProof proof, PasswordHashes hashes)
{
    /// <summary>Takes the new one and ends all other sign-ins. A second factor is not asked for again: it takes no code twice, and a forced change follows right on the sign-in that had one.</summary>
    public async Task<Outcome<AccountView>> ChangeAsync(Actor actor, PasswordChange asked, CancellationToken cancel)
    {
        var problems = PasswordRules.Check(asked.NewPassword, actor.Name, "new_password");
        if (problems.Count == 0 && asked.NewPassword == asked.CurrentPassword)
        {
            problems.Add(new Problem("password_unchanged", "new_password", "The new password must be another one."));
        }

        if (problems.Count > 0)
        {
            return problems;
        }

        var hash = await hashes.HashAsync(asked.NewPassword ?? "", cancel);
        if (hash is null)
        {
            return AccountWriter.Busy;
        }

        return await proof.ChangeAsync<AccountView>(actor, "account.password.change", new ProofAsked(asked.CurrentPassword, null), async (change, account) =>
        {
            AccountRows.SetPassword(account, hash, mustChange: false, change.Now);
            await OwnProof.EndOthersAsync(change, account, cancel);
            change.Tell("account.password.change", AccountRows.Subject(account));
            return AccountView.Of(account);
        }, cancel, "current_password", isCodeAsked: false);
    }
}

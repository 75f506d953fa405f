using Microsoft.EntityFrameworkCore;
using Portunus.Web.Audit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Outcomes;
using QRCoder;

namespace Portunus.Web.Accounts;

/// <summary>The second factor: started with a secret, in use from its first right code on, with recovery codes for a lost telephone.</summary>
internal sealed class SecondFactorWriter(AuditTrail trail, OwnProof proof)
{
    internal static Problem Required { get; } = new("second_factor_required", "code", "This account needs the code of its authenticator app as well.", ProblemKind.Unauthenticated);

    private static readonly Problem s_wrong = new("second_factor_wrong", "code", "The code is wrong, too old or used already.", ProblemKind.Unauthenticated);

    /// <summary>Hands out a new secret. What is in use stays in use until the new one has been proven.</summary>
    public Task<Outcome<SecondFactorStarted>> StartAsync(Actor actor, ProofAsked asked, CancellationToken cancel) =>
        proof.ChangeAsync<SecondFactorStarted>(actor, "account.second_factor.start", asked, (change, account) =>
        {
            var key = Totp.NewKey();
            account.PendingAuthenticatorKey = key;
            AccountRows.Touch(account, change.Now);
            change.Tell("account.second_factor.start", AccountRows.Subject(account));
            var uri = Totp.Uri(key, account.UserName ?? "");
            using var qr = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
            using var svg = new SvgQRCode(qr);
            return Task.FromResult<Outcome<SecondFactorStarted>>(new SecondFactorStarted(Totp.Base32(key), uri, svg.GetGraphic(4)));
        }, cancel);

    /// <summary>Proves the secret and turns it on. Other sign-ins end: they were made without it.</summary>
    public Task<Outcome<RecoveryCodesMade>> ConfirmAsync(Actor actor, CodeAsked asked, CancellationToken cancel)
    {
        const string Action = "account.second_factor.confirm";
        return trail.ChangeAsync<RecoveryCodesMade>(actor, Action, SignInWriter.Self(actor), async change =>
        {
            var account = await change.Db.Accounts.SingleOrDefaultAsync(one => one.Id == actor.Id, cancel);
            if (account?.PendingAuthenticatorKey is not { } key)
            {
                return Problem.Conflict("second_factor_not_started", "", "Start a second factor first.");
            }

            if (Totp.Match(key, asked.Code ?? "", change.Now, lastStep: 0) is not { } step)
            {
                return s_wrong with { Kind = ProblemKind.Invalid };
            }

            (account.AuthenticatorKey, account.PendingAuthenticatorKey, account.LastAuthenticatorStep) = (key, null, step);
            account.TwoFactorEnabled = true;
            AccountRows.Touch(account, change.Now);
            await OwnProof.EndOthersAsync(change, account, cancel);
            change.Tell(Action, AccountRows.Subject(account));
            return await NewCodesAsync(change.Db, account);
        }, cancel);
    }

    public Task<Outcome<Nothing>> RemoveAsync(Actor actor, ProofAsked asked, CancellationToken cancel) =>
        proof.ChangeAsync<Nothing>(actor, "account.second_factor.remove", asked, async (change, account) =>
        {
            await RemoveAsync(change.Db, account, change.Now);
            change.Tell("account.second_factor.remove", AccountRows.Subject(account));
            return default(Nothing);
        }, cancel);

    public Task<Outcome<RecoveryCodesMade>> RenewCodesAsync(Actor actor, ProofAsked asked, CancellationToken cancel) =>
        proof.ChangeAsync<RecoveryCodesMade>(actor, "account.second_factor.recovery_codes", asked, async (change, account) =>
        {
            if (account.AuthenticatorKey is null)
            {
                return Problem.Conflict("second_factor_off", "", "There is no second factor to recover.");
            }

            change.Tell("account.second_factor.recovery_codes", AccountRows.Subject(account));
            return await NewCodesAsync(change.Db, account);
        }, cancel);

    /// <summary>Takes the second factor off an account's row.</summary>
    internal static async Task RemoveAsync(PortunusDb db, Account account, DateTimeOffset now)
    {
        (account.AuthenticatorKey, account.PendingAuthenticatorKey, account.LastAuthenticatorStep) = (null, null, 0);
        account.TwoFactorEnabled = false;
        AccountRows.Touch(account, now);
        await db.RecoveryCodes.Where(code => code.AccountId == account.Id).ExecuteDeleteAsync();
    }

    /// <summary>Why the code does not do; null when it does, or none is needed. What is right is used up, in the caller's transaction.</summary>
    internal static async Task<Problem?> RefusalAsync(PortunusDb db, Account account, string? code, DateTimeOffset now)
    {
        if (account.AuthenticatorKey is not { } key)
        {
            return null;
        }

        if (string.IsNullOrWhiteSpace(code))
        {
            return Required;
        }

        if (Totp.Match(key, code.Trim(), now, account.LastAuthenticatorStep) is { } step)
        {
            account.LastAuthenticatorStep = step;
            return null;
        }

        if (RecoveryCodes.HashOf(code) is { } hash
            && await db.RecoveryCodes.SingleOrDefaultAsync(one => one.AccountId == account.Id && one.Hash == hash && one.UsedAt == null) is { } recovery)
        {
            recovery.UsedAt = now;
            return null;
        }

        return s_wrong;
    }

    private static async Task<Outcome<RecoveryCodesMade>> NewCodesAsync(PortunusDb db, Account account)
    {
        await db.RecoveryCodes.Where(code => code.AccountId == account.Id).ExecuteDeleteAsync();
        var codes = RecoveryCodes.New();
        db.RecoveryCodes.AddRange(codes.Select(code => new RecoveryCode { AccountId = account.Id, Hash = RecoveryCodes.HashOf(code) ?? [] }));
        return new RecoveryCodesMade(codes);
    }
}

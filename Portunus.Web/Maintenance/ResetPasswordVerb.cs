using Portunus.Shared.Ids;
using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Lets somebody in again who is locked out, the last superadmin for one.</summary>
internal static class ResetPasswordVerb
{
    private const string FromInput = "--password-stdin";
    private const string WithoutFactor = "--remove-second-factor";

    public static LocalVerb Verb { get; } = new(
        new VerbSpec(
            "reset-password",
            ["NAME"],
            [
                new FlagSpec(FromInput, null, "take the new password from the first line of standard input; else one is chosen and printed"),
                new FlagSpec(WithoutFactor, null, "take the second factor off as well"),
            ],
            "give an account a new password and end its sign-ins"),
        FromInput,
        RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        var account = await run.Get<AccountReader>().FindAsync(Actor.Local, run.Asked.Arguments[0], run.Cancel);
        if (!account.TryGet(out var found) || !AccountId.TryParse(found.Id, out var id))
        {
            return await run.RefuseAsync(account.Problems);
        }

        var writer = run.Get<AccountWriter>();
        var reset = await writer.ResetPasswordAsync(Actor.Local, id, new PasswordReset(run.Asked.Has(FromInput) ? run.Input ?? "" : null, null), run.Cancel);
        if (!reset.TryGet(out var made))
        {
            return await run.RefuseAsync(reset.Problems);
        }

        if (run.Asked.Has(WithoutFactor) && await writer.RemoveSecondFactorAsync(Actor.Local, id, run.Cancel) is { IsDone: false } refused)
        {
            return await run.RefuseAsync(refused.Problems);
        }

        if (found.Disabled)
        {
            await run.Errors.WriteLineAsync($"{found.Name} has a new password but is disabled; a superadmin can enable it.");
        }

        if (made.TemporaryPassword is { } temporary)
        {
            await run.Output.WriteLineAsync(temporary);
        }

        return ExitCode.Done;
    }
}

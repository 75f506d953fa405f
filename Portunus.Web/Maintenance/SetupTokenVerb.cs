using Portunus.Web.Accounts;
using Portunus.Web.Audit;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Prints a new setup token; the older one is worth nothing from then on.</summary>
internal static class SetupTokenVerb
{
    public static LocalVerb Verb { get; } = new(
        new VerbSpec("setup-token", [], [], "print a new token for the first run, good for 30 minutes"), null, RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        var token = await run.Get<SetupTokens>().RotateAsync(Actor.Local, run.Cancel);
        if (!token.TryGet(out var secret))
        {
            return await run.RefuseAsync(token.Problems);
        }

        await run.Output.WriteLineAsync(secret);
        return ExitCode.Done;
    }
}

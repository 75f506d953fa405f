using System.Globalization;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Removes old entries of the audit log.</summary>
internal static class AuditPruneVerb
{
    private const string Before = "--before";
    private const string Trial = "--dry-run";

    public static LocalVerb Verb { get; } = new(
        new VerbSpec(
            "audit prune",
            [],
            [
                new FlagSpec(Before, "TIME", "required: remove what is older, for example 2026-01-01T00:00:00Z"),
                new FlagSpec(Trial, null, "only say how many that are"),
            ],
            "remove old entries of the audit log"),
        null,
        RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        if (run.Asked.Find(Before) is not { } text || ApiTime.Parse(text) is not { } before)
        {
            await run.Errors.WriteLineAsync($"{Before} needs a time with its offset, for example 2026-01-01T00:00:00Z.");
            return ExitCode.Asked;
        }

        var pruned = await run.Get<AuditRetention>().PruneAsync(Actor.Local, before, run.Asked.Has(Trial), run.Cancel);
        if (!pruned.TryGet(out var count))
        {
            return await run.RefuseAsync(pruned.Problems);
        }

        await run.Output.WriteLineAsync(count.ToString(CultureInfo.InvariantCulture));
        return ExitCode.Done;
    }
}

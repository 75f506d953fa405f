using System.Globalization;
using Portunus.Web.Api;
using Portunus.Web.Audit;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Removes old entries of the audit log.</summary>
internal static class AuditPruneVerb
{
    private const string Before = "--before";
    private const string Days = "--days";
    private const string Trial = "--dry-run";

    public static LocalVerb Verb { get; } = new(
        new VerbSpec(
            "audit prune",
            [],
            [
                new FlagSpec(Before, "TIME", "remove what is older, for example 2026-01-01T00:00:00Z"),
                new FlagSpec(Days, "DAYS", "remove what is older than so many days"),
                new FlagSpec(Trial, null, "only say how many that are"),
            ],
            "remove old entries of the audit log"),
        null,
        RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        if (Limit(run) is not { } before)
        {
            await run.Errors.WriteLineAsync($"Give either {Before} with a time and its offset, for example 2026-01-01T00:00:00Z, or {Days} with a number between 1 and 36500.");
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

    private static DateTimeOffset? Limit(VerbRun run) => (run.Asked.Find(Before), run.Asked.Find(Days)) switch
    {
        ({ } time, null) => ApiTime.Parse(time),
        (null, { } days) when int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 36500 =>
            run.Get<TimeProvider>().GetUtcNow().AddDays(-count),
        _ => null,
    };
}

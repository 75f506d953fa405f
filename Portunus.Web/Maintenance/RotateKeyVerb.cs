using System.Globalization;
using Portunus.Web.Audit;
using Portunus.Web.Edges;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>Changes the key that edges know this control plane by.</summary>
internal static class RotateKeyVerb
{
    private const string Wait = "--wait";

    /// <summary>Nobody sits before a terminal for longer.</summary>
    private const int LongestStay = 10;

    public static LocalVerb Verb { get; } = new(
        new VerbSpec(
            "link rotate-key",
            [],
            [new FlagSpec(Wait, "MINUTES", $"how long edges that are away are waited for, 0 to {RotationView.MaxWaitMinutes}; default 1")],
            "give the link a new key; edges that hear of it in time stay, the others are named"),
        null,
        RunAsync);

    private static async Task<int> RunAsync(VerbRun run)
    {
        var wait = 1L;
        if (run.Asked.Find(Wait) is { } text && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out wait) || wait > RotationView.MaxWaitMinutes))
        {
            await run.Errors.WriteLineAsync($"{Wait} must be between 0 and {RotationView.MaxWaitMinutes}.");
            return ExitCode.Asked;
        }

        var rotation = run.Get<ILinkRotation>();
        if (!rotation.IsServed)
        {
            await run.Errors.WriteLineAsync("No control plane runs on this data directory, so no edge would hear of a new key; start it first.");
            return ExitCode.Failed;
        }

        var begun = await rotation.BeginAsync(Actor.Local, wait, run.Cancel);
        if (!begun.TryGet(out var view))
        {
            return await run.RefuseAsync(begun.Problems);
        }

        if (wait > LongestStay)
        {
            await run.Output.WriteLineAsync($"The next key is announced: {view.NewPin}. The switch comes when every edge has it, at the latest {view.SwitchesBy.UtcDateTime:u}; the audit log names those that have not.");
            return ExitCode.Done;
        }

        if (await rotation.EndAsync(run.Cancel) is { } done)
        {
            await run.Output.WriteLineAsync($"The key of the link is {done.NewPin} now; {done.Ready} {(done.Ready == 1 ? "edge has" : "edges have")} it.");
            foreach (var edge in done.Missing)
            {
                await run.Output.WriteLineAsync($"{edge.Name} ({edge.Id}) has not and must be enrolled again.");
            }
        }

        return ExitCode.Done;
    }
}

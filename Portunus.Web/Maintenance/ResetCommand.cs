using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary><c>reset --confirm</c>: an empty store in the place of the old one. Options and the keys of the link stay.</summary>
internal static class ResetCommand
{
    private const string ConfirmFlag = "--confirm";

    public static VerbSpec Verb { get; } = new(
        "reset",
        [],
        [new(ConfirmFlag, null, "really; without it only says what would go")],
        "delete accounts, edges, rules and audit log; options and the key of the link stay");

    public static async Task<int> RunAsync(DirectoryRun run)
    {
        var file = DataDirectory.DatabaseFileOf(run.Folder);
        if (!run.Asked.Has(ConfirmFlag))
        {
            await run.Errors.WriteLineAsync(File.Exists(file)
                ? $"This would delete everything in {file}: accounts, grants, edges, rules, settings and the audit log. Run it again with {ConfirmFlag}."
                : $"There is no store in {run.Folder}.");
            return ExitCode.Asked;
        }

        using var directory = run.OpenDirectory();
        if (!StoreFile.IsStore(file))
        {
            throw new MaintenanceRefusal($"{file} is no store; it is left as it is.");
        }

        var folder = PendingReplacement.Begin(directory);
        try
        {
            var store = Path.Combine(folder, BackupManifest.StoreName);
            DataDirectory.MakePrivate(store);
            // What browsers of that day hold is worth nothing in the new store.
            Directory.CreateDirectory(DataDirectory.KeysFolderOf(folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            NewStart.Make(store, "store.reset", null, file, TimeProvider.System);
            PendingReplacement.Decide(directory, keepOldAs: null);
        }
        finally
        {
            PendingReplacement.Abandon(directory);
        }

        DbStartup.Prepare(directory, TimeProvider.System);
        await run.Output.WriteLineAsync($"{directory.Path} holds an empty store; the next start prints a setup token. Edges must be enrolled again.");
        return ExitCode.Done;
    }
}

using System.Globalization;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary><c>restore FILE</c>: proves the file, lays it out beside what is there, and puts it in place in one step.</summary>
internal static class RestoreCommand
{
    private const string ForceFlag = "--force";

    public static VerbSpec Verb { get; } = new(
        "restore",
        ["FILE"],
        [
            new(ForceFlag, null, "also where the data directory is not empty; what it held is kept in a folder of it"),
            new(Passphrase.FileFlag, "FILE", $"the passphrase of a sealed backup ({Passphrase.Variable} does the same)"),
        ],
        "make the data directory what a backup holds; no server may run on it");

    public static async Task<int> RunAsync(DirectoryRun run, CancellationToken cancel)
    {
        var file = Path.GetFullPath(run.Asked.Arguments[0]);
        var header = await BackupReader.ProveAsync(file, cancel);
        var passphrase = header.IsSealed ? await new Passphrase(run.Environment).ForOpeningAsync(run.Asked.Find(Passphrase.FileFlag)) : null;
        using var directory = DataDirectory.Open(run.Folder);
        if (!run.Asked.Has(ForceFlag) && Held(directory.Path) is [var first, ..])
        {
            throw new MaintenanceRefusal($"{directory.Path} is not empty (it holds {first}). With {ForceFlag} the backup takes its place, and what it holds now is kept in a folder of it.");
        }

        var (manifest, kept) = await ReplaceAsync(directory, file, header, passphrase, cancel);
        // Opens it as a server would, with the first durable write in the directory: the renames before it are on the disk with it.
        DbStartup.Prepare(directory, TimeProvider.System);
        await run.Output.WriteLineAsync($"Restored {directory.Path} from the backup of {manifest.MadeAt:yyyy-MM-dd HH:mm:ss} UTC ({manifest.Files.Count} files, program {manifest.Program}).");
        await run.Output.WriteLineAsync("All sign-ins and open enrolment codes of that day have ended; API tokens that were revoked since are valid again: look through them.");
        if (kept is not null)
        {
            await run.Output.WriteLineAsync($"What was there before is kept in {directory.File(kept)}; delete it when it is not needed any more.");
        }

        return ExitCode.Done;
    }

    private static async Task<(BackupManifest Manifest, string? Kept)> ReplaceAsync(
        DataDirectory directory, string file, BackupHeader header, string? passphrase, CancellationToken cancel)
    {
        var scratch = directory.NewScratch();
        var folder = PendingReplacement.Begin(directory);
        try
        {
            var manifest = await BackupReader.LayOutAsync(file, header, passphrase, scratch, folder, cancel);
            var store = Path.Combine(folder, BackupManifest.StoreName);
            if (StoreFile.Damage(store) is { } damage)
            {
                throw new MaintenanceRefusal($"The store in the backup is damaged: {damage}", ExitCode.BadFile);
            }

            NewStart.Make(store, "store.restore", new { made_at = manifest.MadeAt, program = manifest.Program, schema = manifest.Schema }, directory.DatabaseFile, TimeProvider.System);
            var keep = Held(directory.Path).Count == 0
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"replaced-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmssfff'Z'}");
            PendingReplacement.Decide(directory, keep);
            return (manifest, keep);
        }
        finally
        {
            PendingReplacement.Abandon(directory);
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>What a directory holds beside the lock, a socket nobody listens on, and what this command has laid there.</summary>
    private static List<string> Held(string folder) => [.. Directory.EnumerateFileSystemEntries(folder)
        .Select(path => Path.GetFileName(path))
        .Where(name => !PendingReplacement.Reserved.Contains(name) && !name.StartsWith("scratch-", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)];
}

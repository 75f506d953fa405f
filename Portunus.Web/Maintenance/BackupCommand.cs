using System.Globalization;
using System.IO.Pipelines;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary><c>backup FILE</c>: of the running server, or of the store that no server has open.</summary>
internal static class BackupCommand
{
    public static VerbSpec Verb { get; } = new(
        "backup",
        ["FILE"],
        [
            new(Passphrase.AskFlag, null, "seal it to a passphrase that is asked for"),
            new(Passphrase.FileFlag, "FILE", $"seal it to the passphrase in this file ({Passphrase.Variable} does the same)"),
        ],
        "write everything that a move needs into one file; a running server goes on");

    public static async Task<int> RunAsync(DirectoryRun run, CancellationToken cancel)
    {
        var file = FileOf(run.Asked.Arguments[0]);
        if (Path.Exists(file))
        {
            throw new MaintenanceRefusal($"{file} is there already; a backup is never written over another file.");
        }

        var passphrase = await new Passphrase(run.Environment).ForSealingAsync(run.Asked.Find(Passphrase.FileFlag), run.Asked.Has(Passphrase.AskFlag));
        Directory.CreateDirectory(Path.GetDirectoryName(file) ?? "/");
        if (!await BackupRoute.TryReadAsync(run.Folder, archive => BackupWriter.WriteAsync(archive, file, passphrase, cancel), cancel))
        {
            await OfClosedStoreAsync(run, file, passphrase, cancel);
        }

        // What was written is read again: a backup that cannot be read is worse than none.
        await BackupReader.ProveAsync(file, cancel);
        await run.Output.WriteLineAsync($"Backup of {run.Folder}: {file} ({new FileInfo(file).Length} bytes{(passphrase is null ? ", not encrypted: it holds keys and password hashes" : ", encrypted")})");
        foreach (var outside in run.TlsFiles().Where(path => Path.GetRelativePath(run.Folder, Path.GetFullPath(path, run.Folder)).StartsWith("..", StringComparison.Ordinal)))
        {
            await run.Errors.WriteLineAsync($"{outside} lies outside the data directory and is not in the backup.");
        }

        return ExitCode.Done;
    }

    /// <summary>The store may be of an older or newer schema than this program's: it is copied as it is.</summary>
    private static async Task OfClosedStoreAsync(DirectoryRun run, string file, string? passphrase, CancellationToken cancel)
    {
        using var directory = run.OpenDirectory();
        var archive = new BackupArchive(directory, run.TlsFiles(), TimeProvider.System);
        var pipe = new Pipe();
        var writing = FillAsync(archive, pipe.Writer, cancel);
        await BackupWriter.WriteAsync(pipe.Reader.AsStream(), file, passphrase, cancel);
        await writing;
    }

    private static async Task FillAsync(BackupArchive archive, PipeWriter to, CancellationToken cancel)
    {
        try
        {
            await archive.WriteAsync(to.AsStream(leaveOpen: true), cancel);
            await to.CompleteAsync();
        }
        catch (Exception broken)
        {
            // The reader throws it again: an archive that ends early must not become a whole file.
            await to.CompleteAsync(broken);
        }
    }

    private static string FileOf(string asked)
    {
        var path = Path.GetFullPath(asked);
        return Directory.Exists(path)
            ? Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"portunus-{TimeProvider.System.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}.backup"))
            : path;
    }
}

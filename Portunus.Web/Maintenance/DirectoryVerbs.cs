using Microsoft.Data.Sqlite;
using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>The verbs that work on the data directory as files, and running one.</summary>
internal static class DirectoryVerbs
{
    public static IReadOnlyList<VerbSpec> All { get; } =
    [
        CheckCommand.Verb, BackupCommand.Verb, RestoreCommand.Verb, ResetCommand.Verb,
    ];

    /// <summary>Runs a verb of <see cref="All"/> and answers the exit code.</summary>
    public static async Task<int> RunAsync(CommandLine asked, Func<string, string?> environment, TextWriter output, TextWriter errors)
    {
        if (asked.Verb == CheckCommand.Verb)
        {
            return await CheckCommand.RunAsync(asked, environment, output, errors);
        }

        if (WebOptionsReader.DataDir(asked.Flags, environment) is not { } folder)
        {
            await errors.WriteLineAsync("Nothing says where the data directory is: name it with --data-dir, or set HOME.");
            return ExitCode.Asked;
        }

        try
        {
            return await RunAsync(new DirectoryRun(asked, Path.GetFullPath(folder), environment, output, errors), CancellationToken.None);
        }
        catch (MaintenanceRefusal refusal)
        {
            await errors.WriteLineAsync(refusal.Message);
            return refusal.ExitCode;
        }
        catch (SqliteException broken)
        {
            await errors.WriteLineAsync($"The store in {folder} cannot be used: {broken.Message}");
            return ExitCode.Failed;
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            await errors.WriteLineAsync($"{asked.Verb.Name} fails: {broken.Message}");
            return ExitCode.Failed;
        }
    }

    private static Task<int> RunAsync(DirectoryRun run, CancellationToken cancel) => run.Asked.Verb.Name switch
    {
        "backup" => BackupCommand.RunAsync(run, cancel),
        "restore" => RestoreCommand.RunAsync(run, cancel),
        "reset" => ResetCommand.RunAsync(run),
        _ => throw new InvalidOperationException($"{run.Asked.Verb.Name} is no verb of this room"),
    };
}

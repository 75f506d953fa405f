using Portunus.Web.Database;
using Portunus.Web.Maintenance;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>A verb of the command line: in the running server, or in this process, which then holds the data directory itself.</summary>
internal static class LocalCommand
{
    public static async Task<int> RunAsync(
        LocalVerb verb, CommandLine asked, IReadOnlyList<string> words, WebOptions options, TextReader input, TextWriter output, TextWriter errors)
    {
        var line = verb.InputFlag is { } flag && asked.Has(flag) ? await input.ReadLineAsync() : null;
        if (await ControlRoute.AskAsync(options.DataDir, new ControlAsked(words, line), CancellationToken.None) is { } answer)
        {
            await output.WriteAsync(answer.Output);
            await errors.WriteAsync(answer.Errors);
            return answer.ExitCode;
        }

        if (!File.Exists(DataDirectory.DatabaseFileOf(options.DataDir)))
        {
            await errors.WriteLineAsync($"There is no store in {options.DataDir}; name its folder with {WebOptionsReader.DataDirFlag}.");
            return ExitCode.Failed;
        }

        using var directory = DataDirectory.Open(options.DataDir);
        DbStartup.Prepare(directory, TimeProvider.System);
        var services = new ServiceCollection();
        services.AddLogging();
        WebServer.AddRooms(services, options, directory, WebServer.Accounts(options), TimeProvider.System);
        await using var provider = services.BuildServiceProvider();
        return await verb.RunAsync(new VerbRun(provider, asked, line, output, errors, CancellationToken.None));
    }
}

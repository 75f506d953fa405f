using Microsoft.Extensions.Logging;
using Portunus.Edge.Hosting;
using Portunus.Edge.Logs;
using Portunus.Edge.Native;
using Portunus.Edge.Options;

namespace Portunus.Edge.Standalone;

/// <summary>The program without a verb: forwards by the rules of a file until a signal stops it.</summary>
internal static class StandaloneCommand
{
    /// <summary>Answers the exit code.</summary>
    public static async Task<int> RunAsync(CommandLine asked)
    {
        using var signals = new ProcessSignals();
        var descriptors = ProcessLimits.RaiseOpenFiles();
        var stamp = FileStamp.Of(asked.File);
        var loaded = RuleFileLoader.Load(asked.File);
        if (loaded.Result.File is not { } file)
        {
            foreach (var problem in loaded.Result.Problems)
            {
                await Console.Error.WriteLineAsync(ProblemText.Of(asked.File, problem));
            }

            return ExitCode.Asked;
        }

        var lines = new LogLines(Console.OpenStandardError(), TimeProvider.System, LogLevel.Information, LogFormat.Text);
        LogChoice.Apply(lines, asked, file.Global);
        using var loggers = lines.Factory();
        var log = loggers.CreateLogger<ProcessSignals>();
        try
        {
            DescriptorNotice.Tell(log, descriptors);
            await using var worker = new StandaloneWorker(asked, lines, loggers, signals, TimeProvider.System);
            return await worker.RunAsync(file, loaded, stamp);
        }
        catch (Exception error)
        {
            // The last line of defence: with a sentence and its stack in the log, and the exit code that has the service restarted.
            log.Fatal(error);
            return ExitCode.Failed;
        }
    }
}

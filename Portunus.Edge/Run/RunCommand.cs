using Microsoft.Extensions.Logging;
using Portunus.Edge.Hosting;
using Portunus.Edge.Link;
using Portunus.Edge.Logs;
using Portunus.Edge.Native;
using Portunus.Edge.Options;
using Portunus.Shared.Link;

namespace Portunus.Edge.Run;

/// <summary>The verb <c>run</c>: forwards by the plans of a control plane until a signal stops it.</summary>
internal static class RunCommand
{
    /// <summary>Answers the exit code.</summary>
    public static async Task<int> RunAsync(CommandLine asked)
    {
        using var signals = new ProcessSignals();
        var descriptors = ProcessLimits.RaiseOpenFiles();
        var lines = new LogLines(Console.OpenStandardError(), TimeProvider.System, asked.LogLevel ?? LogLevel.Information, asked.LogFormat ?? LogFormat.Text);
        using var loggers = lines.Factory();
        var log = loggers.CreateLogger<LinkWorker>();
        try
        {
            using var state = StateDirectory.Open(StateDirectory.PlaceFor(asked.StateDirectory, Environment.GetEnvironmentVariable));
            var file = new CredentialsFile(asked.Credentials ?? CredentialsFile.DefaultPlace(Environment.GetEnvironmentVariable));
            if (!file.Exists && asked.EnrollLine is { } line && await EnrollAsync(line, file, log, signals.Stop) is { } refused)
            {
                return signals.Stop.IsCancellationRequested ? ExitCode.Done : await RefuseAsync(refused, ExitCode.Asked);
            }

            if (file.TryRead(out var problem) is not { } credentials)
            {
                return await RefuseAsync(problem, ExitCode.Asked);
            }

            DescriptorNotice.Tell(loggers.CreateLogger<ProcessSignals>(), descriptors);
            if (file.IsOpenToOthers)
            {
                log.CredentialsOpen(file.Path);
            }

            await using var worker = new RunWorker(asked, new CredentialsInUse(file, credentials, log), state, loggers, signals, TimeProvider.System);
            await worker.RunAsync();
            return ExitCode.Done;
        }
        catch (StateRefusal refusal)
        {
            return await RefuseAsync(refusal.Message, ExitCode.Failed);
        }
        catch (Exception error)
        {
            // The last line of defence: with a sentence and its stack in the log, and the exit code that has the service restarted.
            loggers.CreateLogger<ProcessSignals>().Fatal(error);
            return ExitCode.Failed;
        }
    }

    /// <summary>The first start of a machine that was given a line. Tries until there is a verdict; answers why there are no credentials, or null.</summary>
    private static async Task<string?> EnrollAsync(string line, CredentialsFile file, ILogger log, CancellationToken stop)
    {
        if (!EnrollUri.TryParse(line, out var uri, out var problem))
        {
            return $"{CommandLineReader.EnrollVariable}: {problem}";
        }

        var delay = new RetryDelay(Random.Shared.NextDouble);
        while (!stop.IsCancellationRequested)
        {
            EnrollAnswer kept;
            try
            {
                kept = await EnrollCommand.EnrollAsync(uri, file, stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }

            if (kept.Credentials is { } credentials)
            {
                log.Enrolled(credentials.Name, credentials.Edge, file.Path);
                return null;
            }

            if (!kept.MayTryAgain)
            {
                return kept.Problem;
            }

            log.NotEnrolled(kept.Problem);
            await Task.Delay(delay.Next(), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return "The edge was stopped before it had credentials.";
    }

    private static async Task<int> RefuseAsync(string sentence, int code)
    {
        await Console.Error.WriteLineAsync(sentence);
        return code;
    }
}

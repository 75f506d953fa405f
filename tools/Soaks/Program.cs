using System.Runtime.InteropServices;
using Portunus.Soaks.Runs;

namespace Portunus.Soaks;

/// <summary>Runs the soaks that were asked for, one after another, and prints a verdict for each.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (SoakCommand.Read(arguments, out var problem) is not { } asked)
        {
            await Console.Error.WriteLineAsync($"{problem}\n{SoakCommand.Usage}");
            return 2;
        }

        using var cut = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            // The runs end their processes and remove their files on the way out.
            signal.Cancel = true;
            cut.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            var isOk = true;
            foreach (var run in asked.Runs)
            {
                var verdict = await run.RunAsync(asked.OptionsOf(run), cut.Token);
                await Console.Out.WriteLineAsync(verdict.ToString());
                if (!verdict.IsOk)
                {
                    await Console.Out.WriteLineAsync($"  seed {asked.Seed}");
                    isOk = false;
                }
            }

            return isOk ? 0 : 1;
        }
        catch (OperationCanceledException) when (cut.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("stopped");
            return 130;
        }
    }
}

using Portunus.Edge.Stats.View;

namespace Portunus.Edge.Stats;

/// <summary>The verb <c>stats</c>.</summary>
internal static class StatsCommand
{
    /// <summary>
    /// Shows what the edge at <paramref name="socketPath"/> counts: with <paramref name="once"/> as one JSON document on
    /// standard output, else live in the terminal. Answers the exit code, on trouble after a sentence on standard error.
    /// </summary>
    public static Task<int> RunAsync(string socketPath, bool once, CancellationToken stop) => once
        ? StatsOnce.RunAsync(socketPath, Console.Out, Console.Error, stop)
        : LiveCommand.RunAsync(socketPath, Console.Error, TimeProvider.System, stop);
}

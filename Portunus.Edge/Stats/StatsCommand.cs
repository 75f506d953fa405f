namespace Portunus.Edge.Stats;

/// <summary>The verb <c>stats</c>.</summary>
internal static class StatsCommand
{
    public const int Succeeded = 0;
    public const int Failed = 2;

    /// <summary>
    /// Shows what the edge at <paramref name="socketPath"/> counts: with <paramref name="once"/> as one JSON document on
    /// standard output, else live in the terminal. Answers the exit code: 0, or 2 after a sentence on standard error.
    /// </summary>
    public static async Task<int> RunAsync(string socketPath, bool once, CancellationToken stop)
    {
        if (once)
        {
            return await StatsOnce.RunAsync(socketPath, Console.Out, Console.Error, stop);
        }

        await Console.Error.WriteLineAsync("The live view needs a terminal; --once prints one JSON document instead.");
        return Failed;
    }
}

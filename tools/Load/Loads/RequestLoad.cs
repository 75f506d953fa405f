using Portunus.Load.Machine;

namespace Portunus.Load.Loads;

/// <summary>wrk with one thread and 32 connections: either a connection for each request, or kept alive.</summary>
internal static class RequestLoad
{
    private const int Connections = 32;

    public static async Task<RequestResult> RunAsync(int port, bool keepAlive, int seconds, CancellationToken stop)
    {
        string[] header = keepAlive ? [] : ["-H", "Connection: close"];
        var run = await CommandRun.RunAsync(
            "wrk",
            ["-t", "1", "-c", $"{Connections}", "-d", $"{seconds}s", "--latency", .. header, $"http://127.0.0.1:{port}/"],
            TimeSpan.FromSeconds(seconds + 15),
            stop);
        return run.ExitCode == 0
            ? RequestResult.Parse(run.Output)
            : throw new InvalidOperationException($"wrk ended with {run.ExitCode}: {run.Errors.Trim()}");
    }
}

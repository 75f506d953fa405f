using Portunus.Load.Machine;
using Portunus.Load.Peers;

namespace Portunus.Load.Loads;

/// <summary>
/// iperf3 through a forwarder. One process sends and one receives however many streams there are, so the load itself takes the
/// same two threads beside every peer; and it counts at the receiver. Debian's version 3.12 is meant.
/// </summary>
internal static class BulkLoad
{
    // What iperf3 writes at a time. At low rates its usual 128 KiB are whole percents of a second's bytes.
    private const int Block = 128 * 1024;
    private const int FineBlock = 16 * 1024;
    private const double FineBelow = 0.5e9;

    /// <summary>Sends for whole seconds; <paramref name="bitsPerSecond"/> 0 is as fast as it goes.</summary>
    public static async Task<BulkResult> RunAsync(int port, int streams, int seconds, double bitsPerSecond, CancellationToken stop)
    {
        var bound = TimeSpan.FromSeconds(seconds + 15);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var receiver = CommandRun.RunAsync("iperf3", ["-s", "-1", "-J", "-B", "127.0.0.1", "-p", $"{PeerList.BulkTarget}"], bound, ended.Token);
        try
        {
            await ListeningPorts.WaitAsync(ListeningPorts.Read, [PeerList.BulkTarget], null, TimeSpan.FromSeconds(5), stop);
            var sender = await CommandRun.RunAsync(
                "iperf3",
                [
                    "-c", "127.0.0.1", "-J", "-p", $"{port}", "-P", $"{streams}", "-t", $"{seconds}",
                    "-b", $"{(long)(bitsPerSecond / streams)}", "-l", $"{(bitsPerSecond is > 0 and < FineBelow ? FineBlock : Block)}",
                ],
                bound,
                stop);
            if (sender.ExitCode != 0)
            {
                throw new InvalidOperationException($"iperf3 ended with {sender.ExitCode}: {BulkResult.Error(sender.Output)}{sender.Errors.Trim()}");
            }

            return BulkResult.Parse((await receiver).Output);
        }
        finally
        {
            // A receiver whose sender never came would wait for ever; its port must be free for the next run.
            await ended.CancelAsync();
            await receiver.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}

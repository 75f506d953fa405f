using Portunus.Load.Peers;
using Portunus.Load.Results;

namespace Portunus.Load;

/// <summary>How soon the edge listens on every port of 100 rules, and what it holds then.</summary>
internal sealed class StartRows(PeerStarter starter, Ledger ledger)
{
    private const int Rules = 100;
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(1);

    public async Task MeasureAsync(LoadOptions options, CancellationToken stop)
    {
        var starts = options.Quick ? 3 : 7;

        // One start that does not count brings the program file into the page cache.
        for (var round = -1; round < starts; round++)
        {
            await using var running = await starter.StartManyRulesAsync(Rules, stop);
            await Task.Delay(s_settle, stop);
            var memory = running.ReadMemory();
            if (round < 0)
            {
                continue;
            }

            ledger.Add(round, PeerList.Edge, Figures.StartSeconds, running.StartTime.TotalSeconds);
            ledger.Add(round, PeerList.Edge, Figures.StartResident, memory.ResidentKiB / 1024.0);
            ledger.Add(round, PeerList.Edge, Figures.StartAnonymous, memory.AnonymousKiB / 1024.0);
            ledger.Add(round, PeerList.Edge, Figures.StartFile, memory.FileKiB / 1024.0);
            await Console.Error.WriteLineAsync($"  start: {running.StartTime.TotalSeconds:0.000} s, {memory.ResidentKiB / 1024.0:0.0} MiB resident");
        }
    }
}

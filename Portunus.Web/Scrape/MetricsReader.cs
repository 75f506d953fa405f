using Portunus.Shared.Metrics;
using Portunus.Web.Database;
using Portunus.Web.Edges;
using Portunus.Web.Traffic;

namespace Portunus.Web.Scrape;

/// <summary>Makes the text that Prometheus reads. Asked more often than once a second it answers the same text: it is made for nobody's money.</summary>
internal sealed class MetricsReader(FleetReader fleet, FleetNames names, EdgePresence presence, LedgerWriter ledger, DataDirectory directory, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_good = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private string? _text;
    private long _madeAt;

    public async Task<string> ReadAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            if (_text is null || clock.GetElapsedTime(_madeAt) >= s_good)
            {
                var (edges, rules) = await names.ReadAsync(cancel);
                var lines = new MetricLines();
                ProcessText.Write(lines, ledger, StoreBytes());
                FleetText.Write(lines, edges, rules, fleet.Read(), presence.Of);
                (_text, _madeAt) = (lines.ToString(), clock.GetTimestamp());
            }

            return _text;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private long StoreBytes() => new[] { directory.DatabaseFile, directory.DatabaseFile + "-wal" }
        .Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length);
}

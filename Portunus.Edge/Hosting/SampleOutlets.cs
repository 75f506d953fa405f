using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;
using Portunus.Edge.Scrape;
using Portunus.Edge.Stats;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Hosting;

/// <summary>
/// Where the counters can be read: the stats socket and the metrics page. They follow the file in force; what the command
/// line says stays. What cannot be opened is a warning, and tried again with the next file.
/// </summary>
internal sealed class SampleOutlets(CommandLine asked, Func<EdgeSample> read, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private (string Path, int RefreshMs)? _statsPlace;
    private StatsSocket? _stats;
    private IPEndPoint? _metricsPlace;
    private ScrapeListener? _metrics;

    /// <summary>Opens, moves or closes what the file asks for otherwise than the one before.</summary>
    public async Task FollowAsync(StatsSettings stats, IPEndPoint? metrics)
    {
        (string, int)? statsPlace = asked.NoStats || (!stats.Enabled && asked.StatsSocket is null)
            ? null
            : (asked.StatsSocket ?? stats.SocketPath ?? StatsPlace.Default, stats.RefreshMs);
        if (statsPlace != _statsPlace || _stats is null)
        {
            await MoveStatsAsync(statsPlace);
        }

        if (!Equals(metrics, _metricsPlace) || _metrics is null)
        {
            await MoveMetricsAsync(metrics);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await MoveStatsAsync(null);
        await MoveMetricsAsync(null);
    }

    private async Task MoveStatsAsync((string Path, int RefreshMs)? place)
    {
        if (_stats is { } old)
        {
            _stats = null;
            await old.DisposeAsync();
        }

        _statsPlace = place;
        if (place is not var (path, refresh))
        {
            return;
        }

        var socket = new StatsSocket(read, path, TimeSpan.FromMilliseconds(refresh), time, loggers.CreateLogger<StatsSocket>());
        if (socket.TryStart())
        {
            _stats = socket;
        }
        else
        {
            await socket.DisposeAsync();
        }
    }

    private async Task MoveMetricsAsync(IPEndPoint? place)
    {
        if (_metrics is { } old)
        {
            _metrics = null;
            await old.DisposeAsync();
        }

        _metricsPlace = place;
        if (place is null)
        {
            return;
        }

        var listener = new ScrapeListener(read, place, time, loggers.CreateLogger<ScrapeListener>());
        if (listener.TryStart())
        {
            _metrics = listener;
        }
        else
        {
            await listener.DisposeAsync();
        }
    }
}

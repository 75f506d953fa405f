using System.Net;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;
using Portunus.Edge.Stats;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Standalone;

/// <summary>Where the counters can be read: the stats socket. Follows the file in force; what the command line says stays.</summary>
internal sealed class SampleOutlets(CommandLine asked, Func<EdgeSample> read, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private (string Path, int RefreshMs)? _statsPlace;
    private StatsSocket? _stats;

    /// <summary>Opens, moves or closes what the file asks for otherwise than before. What cannot be opened is a warning, and tried again here.</summary>
    public async Task FollowAsync(StatsSettings settings)
    {
        (string, int)? place = asked.NoStats || (!settings.Enabled && asked.StatsSocket is null)
            ? null
            : (asked.StatsSocket ?? settings.SocketPath ?? StatsPlace.Default, settings.RefreshMs);
        if (place == _statsPlace && (_stats is null) == (place is null))
        {
            return;
        }

        await CloseStatsAsync();
        _statsPlace = place;
        if (place is var (path, refresh))
        {
            var stats = new StatsSocket(read, path, TimeSpan.FromMilliseconds(refresh), time, loggers.CreateLogger<StatsSocket>());
            if (stats.TryStart())
            {
                _stats = stats;
            }
            else
            {
                await stats.DisposeAsync();
            }
        }
    }

    public async ValueTask DisposeAsync() => await CloseStatsAsync();

    private async Task CloseStatsAsync()
    {
        if (_stats is { } stats)
        {
            _stats = null;
            await stats.DisposeAsync();
        }
    }
}

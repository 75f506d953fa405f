using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Web.Database;

namespace Portunus.Web.Edges;

/// <summary>
/// When and from where edges were last seen: noted at hello and at the end of a link, and written together within a second, so that
/// a thousand edges that come back at once are one write and not a thousand.
/// </summary>
internal sealed class EdgeSightings(WriteLane lane, TimeProvider clock, ILogger<EdgeSightings> log) : NotedWrites(s_each, clock)
{
    private static readonly TimeSpan s_each = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Dictionary<EdgeId, Sighting> _noted = [];

    public void Note(EdgeId edge, string from, string version)
    {
        lock (_gate)
        {
            _noted[edge] = new Sighting(Clock.GetUtcNow(), from, version);
        }
    }

    public override async Task WriteAsync(CancellationToken cancel)
    {
        Dictionary<EdgeId, Sighting> noted;
        lock (_gate)
        {
            if (_noted.Count == 0)
            {
                return;
            }

            (noted, _noted) = (_noted, []);
        }

        try
        {
            await using var write = await lane.BeginAsync(cancel);
            foreach (var (id, seen) in noted)
            {
                await write.Db.Edges.Where(edge => edge.Id == id).ExecuteUpdateAsync(edge => edge
                    .SetProperty(one => one.LastSeenAt, seen.At).SetProperty(one => one.LastSeenFrom, seen.From).SetProperty(one => one.Version, seen.Version), cancel);
            }

            await write.CommitAsync();
        }
        catch
        {
            // For the next time, unless it was seen again meanwhile.
            lock (_gate)
            {
                foreach (var (id, seen) in noted)
                {
                    _noted.TryAdd(id, seen);
                }
            }

            throw;
        }
    }

    protected override void TellFailure(Exception broken) => EdgesLog.SightingsNotWritten(log, broken);

    private sealed record Sighting(DateTimeOffset At, string From, string Version);
}

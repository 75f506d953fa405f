using System.Collections.Concurrent;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Live;

namespace Portunus.Web.Edges;

/// <summary>
/// What is known of edges at this moment, in memory: the link, the plan in force and the counters are three facts, and none is
/// guessed from another. A start of the control plane knows nothing until edges come back.
/// </summary>
internal sealed class EdgePresence(LiveFeed feed, TimeProvider clock)
{
    private readonly ConcurrentDictionary<EdgeId, Entry> _edges = new();

    /// <summary>What is known of an edge now; all null where it was not seen since the start.</summary>
    public EdgeNow Of(EdgeId edge) => _edges.TryGetValue(edge, out var entry) ? entry.Now() : EdgeNow.Unknown;

    /// <summary>Edges with a link now.</summary>
    public int ConnectedCount => _edges.Values.Count(entry => entry.Now().Link is { IsConnected: true });

    /// <summary>A link has said hello.</summary>
    public void Opened(EdgeId edge, LinkOrigin origin)
    {
        var now = clock.GetUtcNow();
        _edges.GetOrAdd(edge, _ => new Entry()).Set(known => known with { Link = new LinkFact(origin, now, now, null, null) });
        Tell(edge);
    }

    /// <summary>Its link said something. Nobody is nudged: it does so all the time.</summary>
    public void Heard(EdgeId edge)
    {
        if (_edges.TryGetValue(edge, out var entry))
        {
            entry.Heard(clock.GetUtcNow());
        }
    }

    /// <summary>The link of an instance is gone; one that another has taken over from changes nothing.</summary>
    /// <param name="edge">Whose.</param>
    /// <param name="instance">Which run of it.</param>
    /// <param name="reason">A word, for people and programs.</param>
    public void Closed(EdgeId edge, string instance, string reason)
    {
        if (_edges.TryGetValue(edge, out var entry))
        {
            var now = clock.GetUtcNow();
            entry.Set(known => known.Link is { IsConnected: true } link && link.Origin.Instance == instance
                ? known with { Link = link with { ClosedAt = now, ClosedWhy = reason } }
                : known);
            Tell(edge);
        }
    }

    /// <summary>The edge has told of every rule of a plan.</summary>
    public void Applied(EdgeId edge, PlanRevision revision)
    {
        var now = clock.GetUtcNow();
        var entry = _edges.GetOrAdd(edge, _ => new Entry());
        if (entry.Now().Plan?.Revision != revision)
        {
            entry.Set(known => known with { Plan = new PlanFact(revision, now) });
            Tell(edge);
        }
    }

    /// <summary>Counters came.</summary>
    /// <param name="edge">Of which.</param>
    /// <param name="takenAt">By the edge's clock.</param>
    /// <param name="vitals">Null where this batch had none; the last ones are kept.</param>
    public void Sampled(EdgeId edge, DateTimeOffset takenAt, EdgeVitals? vitals)
    {
        var now = clock.GetUtcNow();
        _edges.GetOrAdd(edge, _ => new Entry()).Set(known => known with { Traffic = new TrafficFact(now, takenAt, vitals ?? known.Traffic?.Vitals) });
    }

    /// <summary>The edge was deleted.</summary>
    public void Forget(EdgeId edge)
    {
        if (_edges.TryRemove(edge, out _))
        {
            Tell(edge);
        }
    }

    private void Tell(EdgeId edge) => feed.Publish(LiveTopic.Of(LiveKind.Edge, edge));

    private sealed class Entry
    {
        private readonly Lock _gate = new();
        private EdgeNow _now = EdgeNow.Unknown;
        private DateTimeOffset _heard;

        public EdgeNow Now()
        {
            lock (_gate)
            {
                return _now.Link is { } link && _heard > link.LastHeardAt ? _now with { Link = link with { LastHeardAt = _heard } } : _now;
            }
        }

        public void Heard(DateTimeOffset at)
        {
            lock (_gate)
            {
                _heard = at;
            }
        }

        public void Set(Func<EdgeNow, EdgeNow> change)
        {
            lock (_gate)
            {
                _now = change(_now);
            }
        }
    }
}

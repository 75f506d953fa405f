using Portunus.Shared.Ids;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Stats;

/// <summary>
/// The rates of each rule over the last minute, kept by the edge so that a reader who has just connected sees where the
/// numbers come from. Not thread-safe.
/// </summary>
internal sealed class StatsHistory
{
    private readonly Dictionary<RuleId, Track> _tracks = [];
    private readonly int _most;

    /// <summary>Keeps a minute at one look each <paramref name="step"/>, but never fewer than 12 or more than 240 rates.</summary>
    public StatsHistory(TimeSpan step)
    {
        Step = step;
        _most = (int)Math.Clamp(TimeSpan.FromMinutes(1) / step, 12, 240);
    }

    /// <summary>Time between two looks.</summary>
    public TimeSpan Step { get; }

    /// <summary>
    /// Takes the next look; forgets rules that are no longer there. A look that comes later than a step stands for all the
    /// steps since the one before, with their mean; one that comes earlier than half a step is too short to tell a rate.
    /// </summary>
    public void Add(EdgeSample sample)
    {
        foreach (var gone in _tracks.Keys.Except(sample.Rules.Select(rule => rule.Rule)).ToArray())
        {
            _tracks.Remove(gone);
        }

        foreach (var rule in sample.Rules)
        {
            if (!_tracks.TryGetValue(rule.Rule, out var track))
            {
                _tracks[rule.Rule] = new Track(sample.TakenAt, rule.Traffic);
                continue;
            }

            var passed = sample.TakenAt - track.At;
            var steps = (int)Math.Clamp(Math.Round(passed / Step, MidpointRounding.AwayFromZero), 0, _most);
            if (passed > TimeSpan.Zero && steps == 0)
            {
                continue;
            }

            // No step at all: the wall clock was set back. No rate can be told, the next look starts from here.
            for (; steps > 0; steps--)
            {
                track.Rates.Enqueue(RateBetween(track.Traffic, rule.Traffic, passed.TotalSeconds));
            }

            while (track.Rates.Count > _most)
            {
                track.Rates.Dequeue();
            }

            _tracks[rule.Rule] = track with { At = sample.TakenAt, Traffic = rule.Traffic };
        }
    }

    /// <summary>The newest rate; zero before the second look.</summary>
    public TrafficRate Last(RuleId rule) => _tracks.TryGetValue(rule, out var track) ? track.Rates.LastOrDefault() : default;

    /// <summary>Oldest first.</summary>
    public IReadOnlyCollection<TrafficRate> Series(RuleId rule) => _tracks.TryGetValue(rule, out var track) ? track.Rates : [];

    /// <summary>A counter that went back belongs to a rule that was removed and made again: it counts from zero.</summary>
    public static TrafficRate RateBetween(TrafficCount earlier, TrafficCount later, double seconds)
    {
        return new TrafficRate(
            Moved(earlier.BytesIn, later.BytesIn) / seconds,
            Moved(earlier.BytesOut, later.BytesOut) / seconds,
            Moved(earlier.FlowsOpened, later.FlowsOpened) / seconds,
            Moved(earlier.DatagramsIn, later.DatagramsIn) / seconds,
            Moved(earlier.DatagramsOut, later.DatagramsOut) / seconds);

        static double Moved(long from, long to) => to >= from ? to - from : to;
    }

    private sealed record Track(DateTimeOffset At, TrafficCount Traffic)
    {
        public Queue<TrafficRate> Rates { get; } = new();
    }
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Live;

namespace Portunus.Web.Plans;

/// <summary>
/// What edges last said of their rules, in memory: every edge says it again after each hello. It stays when a link goes down, with
/// the time it was said, since that is what is known then.
/// </summary>
internal sealed class PlanOutcomes(LiveFeed feed, TimeProvider clock)
{
    private static readonly string s_waiting = SampleWords.Of(RuleStanding.Waiting);

    private readonly ConcurrentDictionary<EdgeId, EdgeOutcomes> _edges = new();

    /// <summary>Takes a report, or a part of one.</summary>
    public void Record(EdgeId edge, PlanReport report)
    {
        _edges.GetOrAdd(edge, _ => new EdgeOutcomes()).Record(report, clock.GetUtcNow());
        feed.Publish(LiveTopic.Of(LiveKind.EdgeRules, edge));
    }

    /// <summary>The plan in force on an edge; null before its first whole report.</summary>
    public AppliedPlan? AppliedBy(EdgeId edge) => _edges.TryGetValue(edge, out var outcomes) ? outcomes.Applied : null;

    /// <summary>What was last said of a rule; null when nothing was.</summary>
    public ToldOutcome? Find(EdgeId edge, RuleId rule) => _edges.TryGetValue(edge, out var outcomes) ? outcomes.Find(rule) : null;

    /// <summary>All that was last said of an edge's rules.</summary>
    public IReadOnlyList<ToldOutcome> List(EdgeId edge) => _edges.TryGetValue(edge, out var outcomes) ? outcomes.List() : [];

    /// <summary>The edge is no more.</summary>
    public void Forget(EdgeId edge) => _edges.TryRemove(edge, out _);

    /// <summary>Waits until the edge has said what became of a rule at this revision or a later one of this epoch.</summary>
    /// <returns>False when the time is over first.</returns>
    public async Task<bool> WaitAsync(EdgeId edge, RuleId rule, string epoch, long revision, TimeSpan most, CancellationToken cancel)
    {
        var nudges = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var subscription = feed.Subscribe(LiveTopic.Of(LiveKind.EdgeRules, edge), _ => nudges.Writer.TryWrite(true));
        using var end = new CancellationTokenSource(most, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancel);
        try
        {
            while (!(Find(edge, rule) is { } told && told.Epoch == epoch && told.Rule.Revision >= revision && told.Rule.Standing != s_waiting))
            {
                await nudges.Reader.ReadAsync(either.Token);
            }

            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}

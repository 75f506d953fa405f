using System.Collections.Concurrent;
using System.Threading.Channels;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Web.Edges;
using Portunus.Web.Live;

namespace Portunus.Web.Plans;

/// <summary>
/// What edges last said of their rules, in memory: every edge says it again after each hello. It stays when a link goes down, with
/// the time it was said, since that is what is known then.
/// </summary>
internal sealed class PlanOutcomes(LiveFeed feed, TimeProvider clock) : IRuleTally
{
    private static readonly string s_listening = SampleWords.Of(RuleStanding.Listening);
    private static readonly string s_refused = SampleWords.Of(RuleStanding.Refused);
    private static readonly string s_draining = SampleWords.Of(RuleStanding.Draining);
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

    /// <summary>All that was last said by every edge, with who said it: an edge can speak of rules that are not its own, and is not believed.</summary>
    public IEnumerable<(EdgeId Edge, ToldOutcome Told)> ListAll() => _edges.SelectMany(edge => edge.Value.List().Select(told => (edge.Key, told)));

    /// <summary>All that was last said of an edge's rules.</summary>
    public IReadOnlyList<ToldOutcome> List(EdgeId edge) => _edges.TryGetValue(edge, out var outcomes) ? outcomes.List() : [];

    (PlanRevision Revision, DateTimeOffset At)? IRuleTally.AppliedBy(EdgeId edge) => AppliedBy(edge) is { } applied ? (applied.Revision, applied.At) : null;

    RuleTally? IRuleTally.OfAll(EdgeId edge, PlanRevision wanted) =>
        AppliedBy(edge)?.Revision == wanted ? Count(List(edge).Select(told => told.Rule.Standing)) : null;

    RuleTally IRuleTally.Of(EdgeId edge, string epoch, IEnumerable<(RuleId Rule, long Revision)> rules) => Count(rules.Select(rule =>
        Find(edge, rule.Rule) is { } told && told.Epoch == epoch && told.Rule.Revision == rule.Revision ? told.Rule.Standing : s_waiting));

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

    private static RuleTally Count(IEnumerable<string> standings)
    {
        var tally = default(RuleTally);
        foreach (var standing in standings)
        {
            tally = standing == s_listening ? tally with { Listening = tally.Listening + 1 }
                : standing == s_refused ? tally with { Refused = tally.Refused + 1 }
                : standing == s_draining ? tally with { Draining = tally.Draining + 1 }
                : standing == s_waiting ? tally with { Waiting = tally.Waiting + 1 }
                : tally;
        }

        return tally;
    }
}

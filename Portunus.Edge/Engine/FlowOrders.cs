using Microsoft.Extensions.Logging;
using Portunus.Edge.Loop;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// Passes on what plans say about flows of older revisions and of stopped rules: some are cut, some have until a deadline.
/// </summary>
internal sealed class FlowOrders(EngineLoops loops, RunningRules rules, TimeSpan removalDrain, ILogger log)
{
    /// <summary>Orders of a plan for rules that go on or begin.</summary>
    public async Task OrderAsync(RunningRule rule, PlannedRule planned, DateTimeOffset now)
    {
        await CutAsync(rule, planned);
        Drain(rule, planned.DrainBefore is { } drain ? (rule.Scale.Of(drain.Revision), drain.Deadline ?? now) : null);
    }

    /// <summary>
    /// All flows of a stopped rule end: expiry cuts them, an order says how, and what an order leaves out, having been given for an
    /// older revision, drains as after a removal without further word.
    /// </summary>
    /// <param name="rule">The rule that has stopped.</param>
    /// <param name="order">What the plan says of it; null where it is not in the plan.</param>
    /// <param name="now">The time of day.</param>
    public async Task OrderStoppedAsync(RunningRule rule, PlannedRule? order, DateTimeOffset now)
    {
        rule.StopOrder = order;
        if (order is { Unread: not null })
        {
            await OrderUnreadAsync(rule, order, now);
            return;
        }

        rule.CutAt = null;
        if (order?.Rule is { Enabled: true })
        {
            Drain(rule, (long.MaxValue, now));
            return;
        }

        if (order is not null)
        {
            await CutAsync(rule, order);
        }

        var asked = order?.DrainBefore is { } drain && rule.Scale.Of(drain.Revision) > rule.State.Model.Revision ? drain : null;
        // A deadline once given holds: a second word about the same stop does not postpone it.
        Drain(rule, asked is null ? (long.MaxValue, rule.StopBy ?? now + removalDrain) : (rule.Scale.Of(asked.Revision), asked.Deadline ?? now));
        rule.StopBy = rule.Drain?.Deadline;
    }

    /// <summary>A later plan may say something else about the flows that rules stopped earlier have left.</summary>
    /// <param name="orders">The plan.</param>
    /// <param name="stoppedNow">Rules that this plan has stopped.</param>
    /// <param name="isNewEpoch">Orders that look the same as those before may say something else.</param>
    /// <param name="now">The time of day.</param>
    public async Task ReorderStoppedAsync(
        IReadOnlyDictionary<RuleId, PlannedRule> orders, IReadOnlyList<RunningRule> stoppedNow, bool isNewEpoch, DateTimeOffset now)
    {
        foreach (var rule in rules.Draining.Except(stoppedNow))
        {
            var order = orders.GetValueOrDefault(rule.Id);
            var wasKept = rule.StopOrder is { Unread: not null };
            if (isNewEpoch || wasKept != order is { Unread: not null }
                || (order is not null && (order.CutBefore != rule.StopOrder?.CutBefore || order.DrainBefore != rule.StopOrder?.DrainBefore
                    || order.UnreadUntil != rule.StopOrder?.UnreadUntil)))
            {
                await OrderStoppedAsync(rule, order, now);
            }
        }
    }

    /// <summary>Cuts what has reached its deadline, and answers the stopped rules that have ended their last flow.</summary>
    public async Task<IReadOnlyList<RunningRule>> UpholdAsync(DateTimeOffset now)
    {
        foreach (var rule in rules.All)
        {
            if (rule.CutAt <= now)
            {
                rule.CutAt = null;
                await loops.OnEachAsync(rule.State, loopRule => loopRule.Cut(long.MaxValue, FlowEnd.Cut, LoopClock.Now));
            }

            if (rule.Drain is { } drain && drain.Deadline <= now)
            {
                rule.Drain = null;
                await loops.OnEachAsync(rule.State, loopRule => loopRule.Cut(drain.Revision, FlowEnd.DrainDeadline, LoopClock.Now));
            }
        }

        var ended = rules.Draining.Where(rule => rule.State.FlowCount == 0).ToList();
        rules.Draining.RemoveAll(ended.Contains);
        return ended;
    }

    /// <summary>Lets flows opened under a lower revision know that they are waited for.</summary>
    public void Hurry(RunningRule rule, long revision)
    {
        if (rule.State.DrainBefore != revision)
        {
            rule.State.DrainBefore = revision;
            loops.Tell(rule.State, loopRule => loopRule.Changed(LoopClock.Now));
        }
    }

    /// <summary>
    /// Nobody has removed a rule that is not understood: what it has left goes on until an order, or its end, says otherwise. Of its
    /// end as it was last understood and the one that the plan tells the sooner holds.
    /// </summary>
    private async Task OrderUnreadAsync(RunningRule rule, PlannedRule order, DateTimeOffset now)
    {
        await CutAsync(rule, order);
        // A deadline that was given before holds on.
        Drain(rule, order.DrainBefore is { } drain ? (rule.Scale.Of(drain.Revision), drain.Deadline ?? now) : rule.Drain);
        var end = rule.State.Model.Rule.ExpiresAt;
        rule.CutAt = order.UnreadUntil is { } until && !(end <= until) ? until : end;
    }

    private async Task CutAsync(RunningRule rule, PlannedRule planned)
    {
        if (planned.CutBefore is { } cut)
        {
            log.FlowsCut(planned.Rule?.Name ?? rule.Planned.Rule?.Name ?? "", rule.Id, cut.Revision);
            await loops.OnEachAsync(rule.State, loopRule => loopRule.Cut(rule.Scale.Of(cut.Revision), FlowEnd.Cut, LoopClock.Now));
        }
    }

    private void Drain(RunningRule rule, (long Revision, DateTimeOffset Deadline)? drain)
    {
        rule.Drain = drain;
        Hurry(rule, drain?.Revision ?? 0);
    }
}

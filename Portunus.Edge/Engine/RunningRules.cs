using Portunus.Shared.Ids;
using Portunus.Shared.Plans;

namespace Portunus.Edge.Engine;

/// <summary>The rules of an engine: those that the plan wants, and stopped ones whose last flows have not ended.</summary>
internal sealed class RunningRules
{
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromHours(1);

    // The time of day can be set, and a sleep takes no notice: what is due by it is looked at again before long.
    private static readonly TimeSpan s_clockLook = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shortestSleep = TimeSpan.FromMilliseconds(1);

    public Dictionary<RuleId, RunningRule> Wanted { get; } = [];

    public List<RunningRule> Draining { get; } = [];

    public IEnumerable<RunningRule> All => Wanted.Values.Concat(Draining);

    /// <summary>What became of each rule of a plan, in its order.</summary>
    public IReadOnlyList<RuleOutcome> Outcomes(EdgePlan plan)
    {
        var draining = Draining.ToDictionary(rule => rule.Id, rule => rule.Outcome);
        return
        [
            .. plan.Rules.Select(planned => Wanted.TryGetValue(planned.Id, out var rule) ? rule.Outcome
                : planned.Unread is { } why ? Unread(planned, why)
                : draining.GetValueOrDefault(planned.Id) ?? new RuleOutcome(planned.Id, RuleStanding.Stopped)),
        ];
    }

    /// <summary>Has the stopped rules say what the plan makes of them: one that could not be read is refused, whatever it has left.</summary>
    public void TellStopped(IReadOnlyDictionary<RuleId, PlannedRule> plan)
    {
        foreach (var rule in Draining)
        {
            rule.Outcome = plan.GetValueOrDefault(rule.Id) is { Unread: { } why } planned
                ? Unread(planned, why)
                : new RuleOutcome(rule.Id, RuleStanding.Draining);
        }
    }

    /// <summary>What readers see: wanted rules in the plan's order, then those that drain.</summary>
    public IReadOnlyList<RuleView> Views(EdgePlan plan)
    {
        var views = new List<RuleView>(Wanted.Count + Draining.Count);
        foreach (var planned in plan.Rules)
        {
            if (Wanted.TryGetValue(planned.Id, out var rule) && planned.Rule is { } spec)
            {
                views.Add(new RuleView(spec, rule.State, rule.Outcome));
            }
        }

        views.AddRange(Draining.Select(rule => new RuleView(rule.State.Model.Rule, rule.State, rule.Outcome)));
        return views;
    }

    /// <summary>How long nothing is due: no retry, no deadline, no expiry.</summary>
    /// <param name="now">The time of day.</param>
    /// <param name="ticks">The same moment by the loops' clock.</param>
    public TimeSpan UntilNextDuty(DateTimeOffset now, long ticks)
    {
        var sleep = s_longestSleep;
        foreach (var rule in All)
        {
            if (rule.RetryAt != 0)
            {
                sleep = Shorter(sleep, TimeSpan.FromTicks(rule.RetryAt - ticks));
            }

            if (rule.Drain is { } drain)
            {
                sleep = Shorter(Shorter(sleep, s_clockLook), drain.Deadline - now);
            }
        }

        foreach (var rule in Wanted.Values)
        {
            if (rule.Planned.Rule?.ExpiresAt is { } end)
            {
                sleep = Shorter(Shorter(sleep, s_clockLook), end - now);
            }
        }

        return sleep;
    }

    private static RuleOutcome Unread(PlannedRule planned, string why) =>
        new(planned.Id, RuleStanding.Refused, BindRefusal.NotSupported, 0, why);

    private static TimeSpan Shorter(TimeSpan sleep, TimeSpan candidate) =>
        candidate < sleep ? (candidate > s_shortestSleep ? candidate : s_shortestSleep) : sleep;
}

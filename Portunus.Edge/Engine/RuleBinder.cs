using Microsoft.Extensions.Logging;
using Portunus.Edge.Loop;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;

namespace Portunus.Edge.Engine;

/// <summary>
/// Brings rules to their ports and takes them off again, and keeps what became of that. What the kernel refuses is tried again at growing
/// distances; what this program does not serve is not. Used by the reconciler only, one call at a time.
/// </summary>
internal sealed class RuleBinder(ListenerSet listeners, ILogger log)
{
    private static readonly long s_firstRetry = TimeSpan.TicksPerSecond;
    private static readonly long s_longestRetry = 60 * TimeSpan.TicksPerSecond;

    /// <summary>Opens the ports of a rule, or says why not and when it is tried again.</summary>
    public async Task BindAsync(RunningRule rule)
    {
        if (rule.Planned.Rule is not { } spec)
        {
            return;
        }

        foreach (var problem in ServedFeatures.Check(spec))
        {
            rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Refused, BindRefusal.NotSupported, 0, problem.Text);
            rule.RetryAt = 0;
            log.RuleRefused(spec.Name, rule.Id, BindRefusal.NotSupported, 0, problem.Text, 0);
            return;
        }

        var bound = await listeners.BindAsync(spec, rule.State);
        if (bound.Refusal != BindRefusal.None)
        {
            rule.RetryDelay = Math.Clamp(rule.RetryDelay * 2, s_firstRetry, s_longestRetry);
            rule.RetryAt = LoopClock.Now + rule.RetryDelay;
            rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Refused, bound.Refusal, bound.Port, bound.Text);
            log.RuleRefused(spec.Name, rule.Id, bound.Refusal, bound.Port, bound.Text, (double)rule.RetryDelay / TimeSpan.TicksPerSecond);
            return;
        }

        rule.RetryAt = 0;
        rule.RetryDelay = 0;
        rule.Listeners = bound.Listeners;
        rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Listening);
        log.RuleListens(spec.Name, rule.Id, SampleReader.ListenText(spec));
    }

    /// <summary>The rule takes no new flows any more, and waits for nothing.</summary>
    public async Task GiveUpAsync(RunningRule rule)
    {
        await listeners.GiveUpAsync(rule.Listeners);
        rule.Listeners = [];
        rule.RetryAt = 0;
        rule.RetryDelay = 0;
    }
}

using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Link;

/// <summary>
/// Plans on their way from the link into the engine. One is carried out at a time, and of those that come meanwhile only the newest
/// counts. It outlives connections: a plan that came with the last words of one is carried out all the same.
/// </summary>
/// <param name="engine">What carries plans out.</param>
/// <param name="keepAsync">Keeps a plan for the next start; what goes wrong there is its own concern.</param>
/// <param name="log">For plans that are in force and plans that are not.</param>
internal sealed class PlanInbox(ForwardingEngine engine, Func<PlanMessage, Task> keepAsync, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private PlanMessage? _waiting;
    private PlanRevision? _inForce;
    private string? _note;

    /// <summary>The plan carried out last; null before the first. Any thread.</summary>
    public PlanRevision? InForce
    {
        get
        {
            lock (_gate)
            {
                return _inForce;
            }
        }
    }

    /// <summary>What of the plan in force, as a whole, is not known here: a sentence, or null. Any thread.</summary>
    public string? Note
    {
        get
        {
            lock (_gate)
            {
                return _note;
            }
        }
    }

    /// <summary>A plan was looked at, whether it was used or not: what stands may be told. On the thread that carries plans out.</summary>
    public Action? Looked { get; set; }

    /// <summary>Carries out the plan that was kept, before anything else is taken.</summary>
    public async Task<IReadOnlyList<RuleOutcome>> StartWithAsync(PlanMessage kept)
    {
        var outcomes = await engine.ApplyAsync(PlanReading.Read(kept), CancellationToken.None);
        Stand(kept);

        return outcomes;
    }

    /// <summary>A plan as it came. One that cannot be read is an error in the log, and the plan before stays in force and on disk.</summary>
    public void Offer(JsonElement sent)
    {
        var read = PlanText.Message(sent);
        if (read.Plan is { } plan)
        {
            Offer(plan);
        }
        else
        {
            log.PlanNotUnderstood(read.Problem ?? "");
        }
    }

    /// <summary>Any thread; returns at once.</summary>
    public void Offer(PlanMessage plan)
    {
        lock (_gate)
        {
            _waiting = _waiting is { } waiting && !plan.Revision.TakesOver(waiting.Revision) ? waiting : plan;
        }

        _wakes.Writer.TryWrite(true);
    }

    /// <summary>Carries out what comes, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await _wakes.Reader.ReadAsync(cancel);
                PlanMessage? plan;
                lock (_gate)
                {
                    (plan, _waiting) = (_waiting, null);
                }

                if (plan is not null)
                {
                    await TakeAsync(plan, cancel);
                    Looked?.Invoke();
                }
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    /// <summary>
    /// This edge is no edge any more: nothing listens and every flow is cut. Called when <see cref="RunAsync"/> has ended, so that no
    /// plan comes after it.
    /// </summary>
    public Task ClearAsync()
    {
        var gone = engine.Report().Select(rule => new PlannedRule
        {
            Id = rule.Rule,
            Revision = long.MaxValue,
            Rule = null,
            CutBefore = new FlowOrder(long.MaxValue, null),
        });
        return engine.ApplyAsync(new EdgePlan(new PlanRevision("revoked", 1), [.. gone], new Dictionary<AccountId, LimitSpec>()), CancellationToken.None);
    }

    private void Stand(PlanMessage plan)
    {
        var note = PlanReading.Unknown(plan);
        lock (_gate)
        {
            (_inForce, _note) = (plan.Revision, note);
        }

        if (note is not null)
        {
            log.PlanNotWhollyKnown($"{plan.Revision}", note);
        }
    }

    private async Task TakeAsync(PlanMessage plan, CancellationToken cancel)
    {
        if (InForce is { } inForce && !plan.Revision.TakesOver(inForce))
        {
            log.PlanTooOld($"{plan.Revision}", $"{inForce}");
            return;
        }

        try
        {
            var read = PlanReading.Read(plan);
            var outcomes = await engine.ApplyAsync(read, cancel);
            Stand(plan);

            log.PlanInForce(
                $"{plan.Revision}",
                plan.Rules.Count,
                outcomes.Count(outcome => outcome.Standing == RuleStanding.Listening),
                outcomes.Count(outcome => outcome.Standing == RuleStanding.Refused));
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // The plan before stays in force; the control plane sees that this one is not reported.
            log.PlanFailed(error, $"{plan.Revision}");
            return;
        }

        // Afterwards: what cannot be carried out, or ends the process, is not what the next start begins with. Nobody is told of
        // the plan before it would also survive a restart.
        await keepAsync(plan);
    }
}

using Microsoft.Extensions.Logging;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Native;
using Portunus.Edge.Options;
using Portunus.Edge.Rules;
using Portunus.Edge.Targets;
using Portunus.Edge.Tcp;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// Carries plans out, one at a time, by difference: what did not change is not touched. Between plans it keeps up what was
/// asked: refused listeners are tried again, drains reach their deadlines, rules expire.
/// </summary>
internal sealed class PlanReconciler : IAsyncDisposable
{
    // That the last flow of a stopped rule has ended, or the last one on a listener without a rule, nobody announces.
    private static readonly TimeSpan s_drainLook = TimeSpan.FromMilliseconds(200);

    private readonly EngineLoops _loops;
    private readonly RuleCompiler _compiler;
    private readonly ListenerSet _listeners;
    private readonly RuleBinder _binder;
    private readonly FlowOrders _orders;
    private readonly Upkeep _upkeep;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly RunningRules _rules = new();
    private readonly OwnerTable _owners = new();
    private readonly AcceptErrorCount _acceptErrors = new();
    private readonly RuleStandings _standings;
    private readonly CountedRules _counted;
    private EdgePlan? _plan;
    private IReadOnlyList<RuleView> _snapshot = [];
    private bool _stopped;
    private long _epoch;

    public PlanReconciler(
        EngineOptions options, EngineLoops loops, SpareDescriptor spare, NameRefresher names, CountedRules counted, TimeProvider time, ILogger log)
    {
        _loops = loops;
        _counted = counted;
        _compiler = new RuleCompiler(names, time, log);
        _listeners = new ListenerSet(loops, options.Backlog, spare, _acceptErrors, log, ListenerDied);
        _binder = new RuleBinder(_listeners, log);
        _orders = new FlowOrders(loops, _rules, options.RemovalDrain, log);
        _upkeep = new Upkeep(_turn, KeepUpAsync, UntilNextDuty, log);
        _time = time;
        _standings = new RuleStandings(log);
        _log = log;
    }

    /// <summary>Every rule that listens, is refused or still has flows, in the plan's order. Any thread.</summary>
    public IReadOnlyList<RuleView> Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Failed accepts of all listeners since the start. Any thread.</summary>
    public long AcceptErrors => _acceptErrors.Count;

    /// <summary>Where the rules of the plan in force stand. Any thread.</summary>
    public RuleStandings Standings => _standings;

    /// <summary>A rule has come to stand elsewhere, though no plan was handed in. Called within the turn: it must not wait for anything.</summary>
    public Action? OutcomesChanged { get; set; }

    public void Start() => _upkeep.Start();

    public async Task<IReadOnlyList<RuleOutcome>> ApplyAsync(EdgePlan plan, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!_stopped && (_plan is null || plan.Revision.TakesOver(_plan.Revision)))
            {
                var isNewEpoch = _plan is { } old && !string.Equals(old.Revision.Epoch, plan.Revision.Epoch, StringComparison.Ordinal);
                _plan = plan;
                // Whoever hands in a plan has perhaps made room for what was refused.
                await ReconcileAsync(plan, isNewEpoch, [.. _rules.Wanted.Values.Where(rule => rule.AwaitsRetry)]);
            }

            return _plan is { } current ? _rules.Outcomes(current) : [];
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>No new flows: listeners close but for those that established flows need. Deadlines are kept as before.</summary>
    public async Task StopListeningAsync()
    {
        await _turn.WaitAsync();
        try
        {
            _stopped = true;
            foreach (var rule in _rules.Wanted.Values)
            {
                await rule.Probes.StopAsync();
                await _binder.GiveUpAsync(rule);
                _orders.Hurry(rule, long.MaxValue);
                if (rule.Outcome.Standing == RuleStanding.Listening)
                {
                    // Whoever looks while the last flows finish must not take the rule for one that still listens.
                    rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Draining);
                }
            }

            await _listeners.CloseIdleAsync();
            PublishAndTell();
            _upkeep.Wake();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Cuts every flow and closes what they needed.</summary>
    public async Task CutAllAsync(FlowEnd reason)
    {
        await _turn.WaitAsync();
        try
        {
            foreach (var rule in _rules.All)
            {
                await _loops.OnEachAsync(rule.State, loopRule => loopRule.Cut(long.MaxValue, reason, LoopClock.Now));
            }

            await _listeners.CloseAllAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _upkeep.DisposeAsync();
        await _listeners.CloseAllAsync();
        foreach (var rule in _rules.All)
        {
            _compiler.Release(rule);
            await rule.Probes.StopAsync();
        }

        _compiler.Dispose();
        _turn.Dispose();
    }

    private async Task ReconcileAsync(EdgePlan plan, bool isNewEpoch, IReadOnlyList<RunningRule> retried)
    {
        var now = _time.GetUtcNow();
        var orders = plan.Rules.ToDictionary(planned => planned.Id);
        var diff = PlanDiff.Between(_rules.Wanted.ToDictionary(pair => pair.Key, pair => pair.Value.Planned), plan, isNewEpoch, now);
        if (isNewEpoch)
        {
            EnterEpoch(orders);
        }

        _owners.Apply(plan);

        // Listeners are given up before any is bound, so that rules can exchange ports within one plan.
        var stopped = new List<RunningRule>();
        foreach (var id in diff.Removed)
        {
            var rule = _rules.Wanted[id];
            stopped.Add(rule);
            await StopAsync(rule);
        }

        var toBind = new List<RunningRule>();
        foreach (var planned in diff.Changed)
        {
            if (await ChangeAsync(_rules.Wanted[planned.Id], planned))
            {
                toBind.Add(_rules.Wanted[planned.Id]);
            }
        }

        foreach (var planned in diff.Added)
        {
            toBind.Add(await AddAsync(planned));
        }

        toBind.AddRange(retried.Where(rule => _rules.Wanted.ContainsKey(rule.Id) && !toBind.Contains(rule)));
        await _listeners.CloseIdleAsync(toBind.Select(rule => rule.Planned.Rule).OfType<CheckedRule>());
        foreach (var rule in toBind)
        {
            await _binder.BindAsync(rule);
        }

        await _listeners.CloseIdleAsync();
        await OrderFlowsAsync(orders, [.. diff.Changed, .. diff.Added], stopped, isNewEpoch, now);
        Publish();
        _upkeep.Wake();
    }

    /// <summary>From here on revisions are those of another epoch.</summary>
    private void EnterEpoch(Dictionary<RuleId, PlannedRule> orders)
    {
        _epoch++;
        foreach (var rule in _rules.All)
        {
            var next = orders.GetValueOrDefault(rule.Id);
            var isSame = next is not null && RuleSameness.IsSame(rule.Planned, next);
            rule.Scale.Enter(_epoch, isSame ? next?.Revision : null, rule.State.Model.Revision);
        }
    }

    private async Task<RunningRule> AddAsync(PlannedRule planned)
    {
        var spec = planned.Rule ?? throw new InvalidOperationException("a tombstone cannot be added");
        // A rule that comes back while its last flows drain goes on with its counters and health.
        var rule = _rules.Draining.Find(rule => rule.Id == planned.Id);
        if (rule is not null)
        {
            _rules.Draining.Remove(rule);
            rule.StopOrder = null;
            rule.StopBy = null;
            rule.CutAt = null;
            await CountForAsync(rule, planned.Owner);
            Swap(rule, planned, spec);
        }
        else
        {
            var limits = RuleLimits.Build(spec.Limits, _owners.Of(planned), null, LoopClock.Now);
            var counted = _counted.Open(planned.Id, planned.Owner, _loops.Events.Count);
            rule = _compiler.Begin(planned, spec, limits, counted, new RevisionScale(_epoch));
        }

        _rules.Wanted[planned.Id] = rule;
        return rule;
    }

    /// <summary>Swaps model and limits; true when ports must be bound anew.</summary>
    private async Task<bool> ChangeAsync(RunningRule rule, PlannedRule planned)
    {
        var before = rule.Planned.Rule;
        var spec = planned.Rule ?? throw new InvalidOperationException("a tombstone cannot change a rule");
        var samePorts = before is not null && before.Protocol == spec.Protocol && before.ListenPorts == spec.ListenPorts
            && Equals(before.ListenAddress, spec.ListenAddress);
        // What is not served is refused with its listeners closed, never ignored on the open ones.
        var bind = !samePorts || rule.Listeners.Count == 0 || ServedFeatures.Check(spec).Count > 0;
        if (bind)
        {
            // Before the model is swapped, and with connections in the mail between loops delivered: what came to a port of a range
            // that shrinks must not look for its target in the narrower one.
            await _binder.GiveUpAsync(rule);
            await _loops.FlushAsync();
        }

        await CountForAsync(rule, planned.Owner);
        Swap(rule, planned, spec);
        _log.RuleChanged(spec.Name, rule.Id, rule.State.FlowCount);
        await _loops.OnEachAsync(rule.State, loopRule => loopRule.Changed(LoopClock.Now));
        return bind;
    }

    /// <summary>A rule given to somebody else is counted for the new owner from then on, by its open flows too.</summary>
    private async Task CountForAsync(RunningRule rule, AccountId? owner)
    {
        var before = rule.Counted;
        if (before.Owner == owner)
        {
            return;
        }

        var next = _counted.Open(rule.Id, owner, _loops.Events.Count);
        next.State = rule.State;
        await _loops.OnEachAsync(rule.State, loopRule => loopRule.Counters.MoveTo(next.Records[Array.IndexOf(rule.State.Loops, loopRule)]));
        rule.Counted = next;
        before.State = null;
        _counted.Retire(before);
    }

    private void Swap(RunningRule rule, PlannedRule planned, CheckedRule spec)
    {
        rule.Planned = planned;
        var mayReachUs = rule.State.Model.Guard is null;
        rule.State.Model = _compiler.Compile(rule, planned, spec);
        if (mayReachUs && rule.State.Model.Guard is { } guard)
        {
            // What it may not reach any more it must not go on talking to. A flow opened meanwhile, under the old model, is met too.
            _loops.Tell(rule.State, loopRule => loopRule.Forbid(guard, LoopClock.Now));
        }

        rule.State.Limits = RuleLimits.Build(spec.Limits, _owners.Of(planned), rule.State.Limits, LoopClock.Now);
    }

    /// <summary>Ends what a rule does for new flows; its last ones drain, as the next orders say.</summary>
    private async Task StopAsync(RunningRule rule)
    {
        _rules.Wanted.Remove(rule.Id);
        _rules.Draining.Add(rule);
        _log.RuleStops(rule.Planned.Rule?.Name ?? "", rule.Id, rule.State.FlowCount);
        await rule.Probes.StopAsync();
        await _binder.GiveUpAsync(rule);
    }

    private async Task OrderFlowsAsync(
        Dictionary<RuleId, PlannedRule> orders, IReadOnlyList<PlannedRule> going, IReadOnlyList<RunningRule> stopped, bool isNewEpoch, DateTimeOffset now)
    {
        foreach (var planned in going)
        {
            await _orders.OrderAsync(_rules.Wanted[planned.Id], planned, now);
        }

        foreach (var rule in stopped)
        {
            await _orders.OrderStoppedAsync(rule, orders.GetValueOrDefault(rule.Id), now);
        }

        await _orders.ReorderStoppedAsync(orders, stopped, isNewEpoch, now);
        _rules.TellStopped(orders);
        await UpholdAsync(now);
    }

    /// <summary>True where a stopped rule has ended its last flow.</summary>
    private async Task<bool> UpholdAsync(DateTimeOffset now)
    {
        var ended = await _orders.UpholdAsync(now);
        foreach (var rule in ended)
        {
            _compiler.Release(rule);
            _log.RuleStopped(rule.Planned.Rule?.Name ?? "", rule.Id);
        }

        await _listeners.CloseIdleAsync();
        foreach (var rule in ended)
        {
            // Last of all: nothing may be counted behind the back of whoever tells the last counters.
            await _loops.OnEachAsync(rule.State, loopRule => loopRule.Counters.Leave());
            _counted.Retire(rule.Counted);
        }

        return ended.Count > 0;
    }

    /// <summary>Retries, deadlines and expiries.</summary>
    private async Task KeepUpAsync()
    {
        if (_plan is not { } plan)
        {
            return;
        }

        var now = _time.GetUtcNow();
        var ticks = LoopClock.Now;
        var due = _rules.Wanted.Values.Where(rule => rule.AwaitsRetry && rule.RetryAt <= ticks).ToList();
        foreach (var rule in due)
        {
            await _binder.BindAsync(rule);
        }

        var expired = _rules.Wanted.Values.Where(rule => !PlanDiff.IsWanted(rule.Planned.Rule, now)).ToList();
        if (expired.Count > 0)
        {
            await ExpireAsync(plan, expired, now);
        }

        // While rules drain this comes five times a second, and mostly finds that nothing has become of any rule.
        if (await UpholdAsync(now) || due.Count > 0 || expired.Count > 0)
        {
            PublishAndTell();
        }
    }

    private async Task ExpireAsync(EdgePlan plan, List<RunningRule> expired, DateTimeOffset now)
    {
        foreach (var rule in expired)
        {
            await StopAsync(rule);
        }

        await OrderFlowsAsync(plan.Rules.ToDictionary(planned => planned.Id), [], expired, isNewEpoch: false, now);
    }

    private TimeSpan UntilNextDuty()
    {
        var next = _rules.UntilNextDuty(_time.GetUtcNow(), LoopClock.Now);
        return (_rules.Draining.Count > 0 || _listeners.HasGivenUp) && next > s_drainLook ? s_drainLook : next;
    }

    /// <summary>Told by a loop: the listener is gone, so the rule is bound anew from the start.</summary>
    private void ListenerDied(RuleListener listener, Errno error)
    {
        _log.ListenerDied(listener.Port, error);
        _ = _upkeep.InTurnAsync(() => RebindAsync(listener));
    }

    private async Task RebindAsync(RuleListener listener)
    {
        if (_rules.Wanted.Values.FirstOrDefault(rule => rule.Listeners.Contains(listener)) is { } rule)
        {
            await _binder.GiveUpAsync(rule);
            await _listeners.CloseIdleAsync();
            await _binder.BindAsync(rule);
            PublishAndTell();
            _upkeep.Wake();
        }
    }

    private void PublishAndTell()
    {
        if (Publish())
        {
            OutcomesChanged?.Invoke();
        }
    }

    /// <summary>Shows readers how things stand; true where a rule has come to stand elsewhere.</summary>
    private bool Publish()
    {
        if (_plan is not { } plan)
        {
            return false;
        }

        Volatile.Write(ref _snapshot, _rules.Views(plan));
        return _standings.Update(plan, _rules, _time.GetUtcNow());
    }
}

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
    private static readonly long s_firstRetry = TimeSpan.TicksPerSecond;
    private static readonly long s_longestRetry = 60 * TimeSpan.TicksPerSecond;
    private static readonly TimeSpan s_longestSleep = TimeSpan.FromHours(1);

    private readonly EngineOptions _options;
    private readonly IReadOnlyList<TcpLoop> _loops;
    private readonly RuleCompiler _compiler;
    private readonly ListenerSet _listeners;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<RuleId, RunningRule> _running = [];
    private readonly List<RunningRule> _draining = [];
    private readonly Dictionary<AccountId, OwnerLimits> _owners = [];
    private readonly AcceptErrorCount _acceptErrors = new();
    private EdgePlan? _plan;
    private Task _upkeep = Task.CompletedTask;
    private IReadOnlyList<RuleView> _snapshot = [];
    private bool _stopped;

    public PlanReconciler(
        EngineOptions options, IReadOnlyList<TcpLoop> loops, SpareDescriptor spare, NameRefresher names, TimeProvider time, ILogger log)
    {
        _options = options;
        _loops = loops;
        _compiler = new RuleCompiler(names, time);
        _listeners = new ListenerSet(options.Backlog, spare, _acceptErrors, log, ListenerDied);
        _time = time;
        _log = log;
    }

    /// <summary>Every rule that listens, is refused or still has flows, in the plan's order. Any thread.</summary>
    public IReadOnlyList<RuleView> Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Failed accepts of all listeners since the start. Any thread.</summary>
    public long AcceptErrors => _acceptErrors.Count;

    public void Start() => _upkeep = KeepUpAsync();

    public async Task<IReadOnlyList<RuleOutcome>> ApplyAsync(EdgePlan plan, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!_stopped && (_plan is null || plan.Revision.TakesOver(_plan.Revision)))
            {
                _plan = plan;
                await ReconcileAsync(plan);
            }

            return Outcomes();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes every listener; flows go on.</summary>
    public async Task StopListeningAsync()
    {
        await _turn.WaitAsync();
        try
        {
            _stopped = true;
            var spares = new Dictionary<ListenKey, TcpListener>();
            foreach (var rule in _running.Values)
            {
                await GiveUpListenersAsync(rule, spares);
                if (rule.Outcome.Standing == RuleStanding.Listening)
                {
                    // Whoever looks while the last flows finish must not take the rule for one that still listens.
                    rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Draining);
                }
            }

            Close(spares);
            if (_plan is { } plan)
            {
                Publish(plan);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Cuts every flow.</summary>
    public async Task CutAllAsync(FlowEnd reason)
    {
        await _turn.WaitAsync();
        try
        {
            foreach (var rule in _running.Values.Concat(_draining))
            {
                await OnLoopsAsync(rule.State, loopRule => loopRule.Cut(long.MaxValue, reason, LoopClock.Now));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _upkeep;
        foreach (var rule in _running.Values.Concat(_draining))
        {
            _compiler.Release(rule);
        }

        _stopping.Dispose();
        _turn.Dispose();
        _wake.Dispose();
    }

    private async Task ReconcileAsync(EdgePlan plan)
    {
        var now = _time.GetUtcNow();
        var diff = PlanDiff.Between(_running.ToDictionary(pair => pair.Key, pair => pair.Value.Planned), plan, now);
        ApplyOwnerLimits(plan);

        // Listeners are given up before any is bound, so that rules can exchange ports within one plan.
        var spares = new Dictionary<ListenKey, TcpListener>();
        var removed = new List<RunningRule>();
        foreach (var id in diff.Removed)
        {
            var rule = _running[id];
            _running.Remove(id);
            removed.Add(rule);
            _log.RuleStops(rule.Planned.Rule?.Name ?? "", id, rule.State.FlowCount);
            await GiveUpListenersAsync(rule, spares);
        }

        var toBind = new List<RunningRule>();
        foreach (var planned in diff.Changed)
        {
            if (await ChangeAsync(_running[planned.Id], planned, spares))
            {
                toBind.Add(_running[planned.Id]);
            }
        }

        foreach (var planned in diff.Added)
        {
            toBind.Add(Add(planned));
        }

        CloseUnwanted(spares, toBind);
        foreach (var rule in toBind)
        {
            await BindAsync(rule, spares);
        }

        Close(spares);
        await OrderFlowsAsync(plan, diff, removed, now);
        Publish(plan);
        Wake();
    }

    private void ApplyOwnerLimits(EdgePlan plan)
    {
        foreach (var (owner, limits) in plan.OwnerLimits)
        {
            if (_owners.TryGetValue(owner, out var existing))
            {
                existing.Reconfigure(limits, LoopClock.Now);
            }
            else
            {
                _owners[owner] = new OwnerLimits(limits, LoopClock.Now);
            }
        }

        foreach (var (owner, existing) in _owners)
        {
            if (!plan.OwnerLimits.ContainsKey(owner))
            {
                existing.Reconfigure(LimitSpec.None, LoopClock.Now);
            }
        }
    }

    /// <summary>Every rule of an owner has that owner's limits, so that limits set later reach rules that are there already.</summary>
    private OwnerLimits? OwnerOf(PlannedRule planned)
    {
        if (planned.Owner is not { } owner)
        {
            return null;
        }

        if (!_owners.TryGetValue(owner, out var limits))
        {
            limits = new OwnerLimits(LimitSpec.None, LoopClock.Now);
            _owners[owner] = limits;
        }

        return limits;
    }

    private RunningRule Add(PlannedRule planned)
    {
        var spec = planned.Rule ?? throw new InvalidOperationException("a tombstone cannot be added");
        // A rule that comes back while its last flows drain goes on with its counters and health.
        var back = _draining.Find(rule => rule.Id == planned.Id);
        if (back is not null)
        {
            _draining.Remove(back);
            back.StopOrder = null;
            back.StopBy = null;
            back.Planned = planned;
            back.State.Model = _compiler.Compile(back, spec, planned.Revision, LoopClock.Now);
            back.State.Limits = RuleLimits.Build(spec.Limits, OwnerOf(planned), back.State.Limits, LoopClock.Now);
            _running[planned.Id] = back;
            return back;
        }

        var limits = RuleLimits.Build(spec.Limits, OwnerOf(planned), null, LoopClock.Now);
        var rule = _compiler.Begin(planned, spec, limits, _loops.Count, LoopClock.Now);
        _running[planned.Id] = rule;
        return rule;
    }

    /// <summary>Swaps model and limits; true when ports must be bound anew.</summary>
    private async Task<bool> ChangeAsync(RunningRule rule, PlannedRule planned, Dictionary<ListenKey, TcpListener> spares)
    {
        var before = rule.Planned.Rule;
        var spec = planned.Rule ?? throw new InvalidOperationException("a tombstone cannot change a rule");
        rule.Planned = planned;
        rule.State.Model = _compiler.Compile(rule, spec, planned.Revision, LoopClock.Now);
        rule.State.Limits = RuleLimits.Build(spec.Limits, OwnerOf(planned), rule.State.Limits, LoopClock.Now);
        _log.RuleChanged(spec.Name, rule.Id, rule.State.FlowCount);

        var samePorts = before is not null && before.Protocol == spec.Protocol && before.ListenPorts == spec.ListenPorts
            && Equals(before.ListenAddress, spec.ListenAddress);
        // What is not served is refused with its listeners closed, never ignored on the open ones.
        var bind = !samePorts || rule.Listeners.Count == 0 || ServedFeatures.Check(spec).Count > 0;
        if (bind)
        {
            await GiveUpListenersAsync(rule, spares);
        }

        await OnLoopsAsync(rule.State, loopRule => loopRule.Changed(LoopClock.Now));
        return bind;
    }

    private async Task BindAsync(RunningRule rule, Dictionary<ListenKey, TcpListener> spares)
    {
        if (rule.Planned.Rule is not { } spec)
        {
            return;
        }

        foreach (var problem in ServedFeatures.Check(spec))
        {
            rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Refused, BindRefusal.NotSupported, 0, problem.Text);
            rule.RetryAt = 0;
            _log.RuleRefused(spec.Name, rule.Id, BindRefusal.NotSupported, 0, problem.Text, 0);
            return;
        }

        var bound = await OpenAsync(rule, spec, _listeners.Bind(spec, spares));
        if (bound.Refusal != BindRefusal.None)
        {
            rule.RetryDelay = Math.Clamp(rule.RetryDelay * 2, s_firstRetry, s_longestRetry);
            rule.RetryAt = LoopClock.Now + rule.RetryDelay;
            var text = RefusalText(bound);
            rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Refused, bound.Refusal, bound.Port, text);
            _log.RuleRefused(spec.Name, rule.Id, bound.Refusal, bound.Port, text, (double)rule.RetryDelay / TimeSpan.TicksPerSecond);
            return;
        }

        rule.RetryAt = 0;
        rule.RetryDelay = 0;
        rule.Listeners = bound.Listeners;
        rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Listening);
        _log.RuleListens(spec.Name, rule.Id, SampleReader.ListenText(spec));
    }

    /// <summary>Has all loops accept from what was bound; where one cannot, all is closed again and refused as a bind would be.</summary>
    private async Task<BindResult> OpenAsync(RunningRule rule, CheckedRule spec, BindResult bound)
    {
        await OnLoopsAsync(rule.State, loopRule => loopRule.Counters.OpenPorts(spec.ListenPorts));
        foreach (var listener in bound.Listeners)
        {
            var error = await listener.OpenAsync(_loops, rule.State, listener.Port - spec.ListenPorts.First);
            if (error == Errno.None)
            {
                continue;
            }

            foreach (var opened in bound.Listeners)
            {
                await opened.PauseAsync(_loops);
                opened.Close();
            }

            return BindResult.Refused(listener.Port, error);
        }

        return bound;
    }

    private async Task GiveUpListenersAsync(RunningRule rule, Dictionary<ListenKey, TcpListener> spares)
    {
        foreach (var listener in rule.Listeners)
        {
            await listener.PauseAsync(_loops);
            spares[listener.Key] = listener;
        }

        rule.Listeners = [];
        rule.RetryAt = 0;
        rule.RetryDelay = 0;
    }

    /// <summary>
    /// A descriptor that no rule takes over is closed before any is bound: one of 127.0.0.1:80 would stand in the way of a rule
    /// that moves to all addresses at port 80.
    /// </summary>
    private void CloseUnwanted(Dictionary<ListenKey, TcpListener> spares, List<RunningRule> toBind)
    {
        if (spares.Count == 0)
        {
            return;
        }

        var wanted = new HashSet<ListenKey>();
        foreach (var rule in toBind)
        {
            if (rule.Planned.Rule is { } spec)
            {
                wanted.UnionWith(Enumerable.Range(spec.ListenPorts.First, spec.ListenPorts.Length).Select(port => new ListenKey(spec.ListenAddress, port)));
            }
        }

        var unwanted = spares.Where(spare => !wanted.Contains(spare.Key)).ToDictionary();
        foreach (var key in unwanted.Keys)
        {
            spares.Remove(key);
        }

        Close(unwanted);
    }

    private void Close(Dictionary<ListenKey, TcpListener> spares)
    {
        foreach (var listener in spares.Values)
        {
            listener.Close();
        }

        spares.Clear();
    }

    /// <summary>Passes on what the plan says about flows of older revisions, and drains those of stopped rules.</summary>
    private async Task OrderFlowsAsync(EdgePlan plan, PlanDiff diff, List<RunningRule> removed, DateTimeOffset now)
    {
        var orders = plan.Rules.ToDictionary(planned => planned.Id);
        foreach (var planned in diff.Changed.Concat(diff.Added))
        {
            await OrderAsync(_running[planned.Id], planned, now);
        }

        foreach (var rule in removed)
        {
            rule.Outcome = new RuleOutcome(rule.Id, RuleStanding.Draining);
            _draining.Add(rule);
            await OrderStoppedAsync(rule, orders.GetValueOrDefault(rule.Id), now);
        }

        foreach (var rule in _draining.Except(removed))
        {
            // Stopped by an earlier plan; this one may say something else about the flows it left.
            if (orders.GetValueOrDefault(rule.Id) is { } order
                && (order.CutBefore != rule.StopOrder?.CutBefore || order.DrainBefore != rule.StopOrder?.DrainBefore))
            {
                await OrderStoppedAsync(rule, order, now);
            }
        }

        await UpholdDrainsAsync(now);
    }

    /// <summary>
    /// All flows of a stopped rule end: expiry cuts them, an order says how, and what an order leaves out, having been given for an
    /// older revision, drains as after a removal without further word.
    /// </summary>
    private async Task OrderStoppedAsync(RunningRule rule, PlannedRule? order, DateTimeOffset now)
    {
        rule.StopOrder = order;
        if (order?.Rule is { Enabled: true })
        {
            rule.Drain = (long.MaxValue, now);
            return;
        }

        if (order is not null)
        {
            await OrderAsync(rule, order, now);
        }

        if (rule.Drain is not { } drain || drain.Revision <= rule.State.Model.Revision)
        {
            // A deadline once given holds: a second word about the same stop does not postpone it.
            rule.Drain = (long.MaxValue, rule.StopBy ?? now + _options.RemovalDrain);
        }

        rule.StopBy = rule.Drain?.Deadline;
    }

    private async Task OrderAsync(RunningRule rule, PlannedRule planned, DateTimeOffset now)
    {
        if (planned.CutBefore is { } cut)
        {
            _log.FlowsCut(planned.Rule?.Name ?? rule.Planned.Rule?.Name ?? "", rule.Id, cut.Revision);
            await OnLoopsAsync(rule.State, loopRule => loopRule.Cut(cut.Revision, FlowEnd.Cut, LoopClock.Now));
        }

        rule.Drain = planned.DrainBefore is { } drain ? (drain.Revision, drain.Deadline ?? now) : null;
    }

    private async Task UpholdDrainsAsync(DateTimeOffset now)
    {
        foreach (var rule in _running.Values.Concat(_draining))
        {
            if (rule.Drain is { } drain && drain.Deadline <= now)
            {
                rule.Drain = null;
                await OnLoopsAsync(rule.State, loopRule => loopRule.Cut(drain.Revision, FlowEnd.DrainDeadline, LoopClock.Now));
            }
        }

        for (var i = _draining.Count - 1; i >= 0; i--)
        {
            var rule = _draining[i];
            if (rule.State.FlowCount == 0)
            {
                _draining.RemoveAt(i);
                _compiler.Release(rule);
                _log.RuleStopped(rule.Planned.Rule?.Name ?? "", rule.Id);
            }
        }
    }

    /// <summary>Retries, deadlines and expiries; a plan wakes it early.</summary>
    private async Task KeepUpAsync()
    {
        var sleep = s_longestSleep;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(sleep, _stopping.Token);
                await _turn.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                await UpkeepAsync();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                _log.UpkeepFailed(error);
            }
            finally
            {
                // Within the turn: a plan would change the rules while they are looked at.
                sleep = UntilNextDuty();
                _turn.Release();
            }
        }
    }

    private async Task UpkeepAsync()
    {
        if (_plan is not { } plan || _stopped)
        {
            return;
        }

        var now = _time.GetUtcNow();
        var due = LoopClock.Now;
        var spares = new Dictionary<ListenKey, TcpListener>();
        foreach (var rule in _running.Values.Where(rule => rule.RetryAt != 0 && rule.RetryAt <= due).ToList())
        {
            await BindAsync(rule, spares);
        }

        if (_running.Values.Any(rule => !PlanDiff.IsWanted(rule.Planned.Rule, now)))
        {
            await ReconcileAsync(plan);
        }

        await UpholdDrainsAsync(now);
        Publish(plan);
    }

    private TimeSpan UntilNextDuty()
    {
        var now = _time.GetUtcNow();
        var due = LoopClock.Now;
        var sleep = s_longestSleep;
        foreach (var rule in _running.Values.Concat(_draining))
        {
            if (rule.RetryAt != 0)
            {
                sleep = Shorter(sleep, TimeSpan.FromTicks(rule.RetryAt - due));
            }

            if (rule.Drain is { } drain)
            {
                sleep = Shorter(sleep, drain.Deadline - now);
            }

        }

        foreach (var rule in _running.Values)
        {
            if (rule.Planned.Rule?.ExpiresAt is { } end)
            {
                sleep = Shorter(sleep, end - now);
            }
        }

        // A drained rule leaves when its last flow has ended, which nobody announces.
        return _draining.Count > 0 ? Shorter(sleep, TimeSpan.FromMilliseconds(200)) : sleep;
    }

    private static TimeSpan Shorter(TimeSpan sleep, TimeSpan candidate) =>
        candidate < sleep ? (candidate > TimeSpan.FromMilliseconds(1) ? candidate : TimeSpan.FromMilliseconds(1)) : sleep;

    private void Wake()
    {
        if (_wake.CurrentCount == 0)
        {
            _wake.Release();
        }
    }

    /// <summary>Told by a loop: the listener is gone, so the rule is bound anew from the start.</summary>
    private void ListenerDied(TcpListener listener, Errno error)
    {
        _log.ListenerDied(listener.Port, error);
        _ = RebindAsync(listener);
    }

    private async Task RebindAsync(TcpListener listener)
    {
        try
        {
            await _turn.WaitAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            var rule = _running.Values.FirstOrDefault(rule => rule.Listeners.Contains(listener));
            if (rule is not null && _plan is not null)
            {
                var spares = new Dictionary<ListenKey, TcpListener>();
                await GiveUpListenersAsync(rule, spares);
                Close(spares);
                await BindAsync(rule, spares);
                Publish(_plan);
                Wake();
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log.UpkeepFailed(failure);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Runs an action on every loop, for the rule as that loop knows it, and waits for all.</summary>
    private Task OnLoopsAsync(RuleState state, Action<LoopRule> action) =>
        Task.WhenAll(_loops.Select(loop => loop.Loop.RunAsync(() => action(state.Loops[loop.Loop.Index]))));

    private IReadOnlyList<RuleOutcome> Outcomes()
    {
        if (_plan is not { } plan)
        {
            return [];
        }

        var draining = _draining.ToDictionary(rule => rule.Id, rule => rule.Outcome);
        return
        [
            .. plan.Rules.Select(planned => _running.TryGetValue(planned.Id, out var rule) ? rule.Outcome
                : draining.GetValueOrDefault(planned.Id) ?? new RuleOutcome(planned.Id, RuleStanding.Stopped)),
        ];
    }

    private void Publish(EdgePlan plan)
    {
        var views = new List<RuleView>(_running.Count + _draining.Count);
        foreach (var planned in plan.Rules)
        {
            if (_running.TryGetValue(planned.Id, out var rule) && planned.Rule is { } spec)
            {
                views.Add(new RuleView(spec, rule.State, rule.Outcome));
            }
        }

        views.AddRange(_draining.Select(rule => new RuleView(rule.State.Model.Rule, rule.State, rule.Outcome)));
        Volatile.Write(ref _snapshot, views);
    }

    private static string RefusalText(BindResult bound) => bound.Refusal switch
    {
        BindRefusal.PortInUse => $"Port {bound.Port} is in use by another program or rule.",
        BindRefusal.NotPermitted => $"Port {bound.Port} may not be bound: below 1024 the edge needs CAP_NET_BIND_SERVICE.",
        BindRefusal.NoSuchAddress => "The listen address is not on this machine.",
        BindRefusal.OutOfDescriptors => $"No descriptor was left for port {bound.Port}.",
        _ => $"The kernel refused port {bound.Port}: {bound.Error}.",
    };
}

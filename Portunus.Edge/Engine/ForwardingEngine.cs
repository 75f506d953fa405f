using Microsoft.Extensions.Logging;
using Portunus.Edge.Options;
using Portunus.Edge.Targets;
using Portunus.Edge.Tcp;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Engine;

/// <summary>
/// The engine's door. Everything behind it runs on event loops; nothing outside this room reaches past it.
/// </summary>
internal sealed class ForwardingEngine : IAsyncDisposable
{
    private readonly EngineOptions _options;
    private readonly ILogger<ForwardingEngine> _log;
    private readonly TimeProvider _time;
    private readonly EngineLoops _loops;
    private readonly SpareDescriptor _spareDescriptor = new();
    private readonly NameRefresher _names;
    private readonly PlanReconciler _reconciler;
    private readonly SampleReader _samples;
    private bool _stopped;

    /// <summary>Throws <see cref="InvalidOperationException"/> where the kernel gives no epoll.</summary>
    /// <param name="counted">Where the rules are counted; by default rules that have left the plan are forgotten.</param>
    public ForwardingEngine(
        EngineOptions options, ILoggerFactory loggers, TimeProvider? time = null, ResolverOptions? resolver = null, CountedRules? counted = null)
    {
        _options = options;
        _time = time ?? TimeProvider.System;
        _log = loggers.CreateLogger<ForwardingEngine>();
        _names = new NameRefresher(resolver ?? new ResolverOptions(), _time, loggers.CreateLogger<NameRefresher>());
        var count = options.Loops > 0 ? options.Loops : Environment.ProcessorCount;
        _loops = new EngineLoops(count, loggers);
        Counted = counted ?? new CountedRules(keepsRetired: false);
        _reconciler = new PlanReconciler(options, _loops, _spareDescriptor, _names, Counted, _time, _log);
        _samples = new SampleReader(_loops.Events, _time);
    }

    /// <summary>Starts the loops and the upkeep of the rules.</summary>
    public void Start()
    {
        _loops.Start();
        _reconciler.Start();
        _log.EngineStarted(_loops.Events.Count);
    }

    /// <summary>
    /// Brings what runs to <paramref name="plan"/> by difference: rules that did not change keep listeners and flows. One
    /// plan is carried out at a time; a plan of a lower revision than the last is ignored. Answers what became of each rule.
    /// </summary>
    public Task<IReadOnlyList<RuleOutcome>> ApplyAsync(EdgePlan plan, CancellationToken cancellation) =>
        _reconciler.ApplyAsync(plan, cancellation);

    /// <summary>The plan that <see cref="Report"/> is about: carried out whole; null before the first.</summary>
    public PlanRevision? Applied => _reconciler.Standings.Applied;

    /// <summary>
    /// Every rule of the plan in force in its order, disabled and removed ones included: under which revision it stands, where, and
    /// since when by this machine's clock. Any thread.
    /// </summary>
    public IReadOnlyList<ReportedRule> Report() => _reconciler.Standings.Rules;

    /// <summary>
    /// <see cref="Report"/> says something new although no plan was handed in: a refused listener was bound, a drain ended, a rule
    /// expired, a listener died. Called on any thread, and plans wait meanwhile: whoever listens returns at once.
    /// </summary>
    public Action? OutcomesChanged
    {
        get => _reconciler.OutcomesChanged;
        set => _reconciler.OutcomesChanged = value;
    }

    /// <summary>Counters and standing of all rules, and the vitals of the process. Any thread.</summary>
    public EdgeSample Read() => _samples.Read(_reconciler.Snapshot, _reconciler.AcceptErrors);

    /// <summary>Every rule counted since the start. Any thread.</summary>
    public CountedRules Counted { get; }

    /// <summary>The process alone. Any thread.</summary>
    public EdgeVitals ReadVitals() => _samples.ReadVitals(_reconciler.AcceptErrors);

    /// <summary>
    /// Stops accepting at once, lets flows finish for up to <paramref name="drain"/>, then cuts the rest;
    /// cancelling <paramref name="cut"/> cuts them at once. The engine cannot be started again.
    /// </summary>
    public async Task StopAsync(TimeSpan drain, CancellationToken cut)
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        await _reconciler.StopListeningAsync();
        _log.EngineDrains(_loops.FlowCount, drain.TotalSeconds);
        await WaitForFlowsAsync(drain, cut);
        var left = _loops.FlowCount;
        await _reconciler.CutAllAsync(FlowEnd.Shutdown);
        _log.EngineStopped(left);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await StopAsync(TimeSpan.Zero, now.Token);
        await _reconciler.DisposeAsync();
        await _names.DisposeAsync();
        _loops.Dispose();
        _spareDescriptor.Dispose();
    }

    private async Task WaitForFlowsAsync(TimeSpan drain, CancellationToken cut)
    {
        var deadline = _time.GetTimestamp() + (long)(drain.TotalSeconds * _time.TimestampFrequency);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20), _time);
        while (_loops.FlowCount > 0 && _time.GetTimestamp() < deadline && !cut.IsCancellationRequested)
        {
            try
            {
                await look.WaitForNextTickAsync(cut);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}

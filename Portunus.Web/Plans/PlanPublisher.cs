using System.Collections.Concurrent;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Web.Live;

namespace Portunus.Web.Plans;

/// <summary>
/// Brings every edge the newest plan. A plan is a state, so touches that come while one is on its way, or within
/// <see cref="Spacing"/> of it, become one: a thousand changes of a bulk request are a few plans. An edge that is not there misses
/// nothing: its plan's revision stands in the store, and what it holds is compared when it says hello.
/// </summary>
internal sealed class PlanPublisher : IHostedService, IDisposable
{
    /// <summary>The least time between two plans to one edge; the first after so long a silence goes at once.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(100);

    /// <summary>A restart has a thousand edges ask at once, and each build holds a reading of the store.</summary>
    private const int ParallelBuilds = 4;

    private readonly ConcurrentDictionary<EdgeId, PlanOutbox> _outboxes = new();
    private readonly SemaphoreSlim _builds = new(ParallelBuilds, ParallelBuilds);
    private readonly CancellationTokenSource _stopping = new();
    private readonly PlanBuilder _builder;
    private readonly PlanOutcomes _outcomes;
    private readonly LiveFeed _feed;
    private readonly List<IDisposable> _subscriptions = [];

    public PlanPublisher(PlanBuilder builder, IPlanSender sender, PlanOutcomes outcomes, LiveFeed feed, TimeProvider clock, ILogger<PlanPublisher> log)
    {
        (_builder, Sender, _outcomes, _feed, Clock, Log) = (builder, sender, outcomes, feed, clock, log);
    }

    public IPlanSender Sender { get; }

    public TimeProvider Clock { get; }

    public ILogger Log { get; }

    /// <summary>Whether no edge has a plan on its way or to come.</summary>
    public bool IsIdle => _outboxes.Values.All(outbox => outbox.Running.IsCompleted);

    /// <summary>Ends every wait and every send.</summary>
    public CancellationToken Stopping => _stopping.Token;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions.Add(_feed.Subscribe(LiveKind.EdgePlan, topic => Touch(topic.Edge)));
        // A deleted edge has no plan any more, and nothing that was reported of it is of use.
        _subscriptions.Add(_feed.Subscribe(LiveKind.EdgeTrust, topic => OutboxOf(topic.Edge).Touch()));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _subscriptions.ForEach(one => one.Dispose());
        await _stopping.CancelAsync();
        await Task.WhenAll(_outboxes.Values.Select(outbox => outbox.Running)).WaitAsync(cancellationToken);
    }

    /// <summary>An edge has said hello, and holds a plan or none: it gets the newest unless that is the one.</summary>
    public void Connected(EdgeId edge, PlanRevision? held) => OutboxOf(edge).Connect(held);

    public void Dispose()
    {
        foreach (var outbox in _outboxes.Values)
        {
            outbox.Dispose();
        }

        _stopping.Dispose();
        _builds.Dispose();
    }

    /// <summary>The newest plan unless it is <paramref name="held"/>; null also where there is no such edge, which is forgotten then.</summary>
    public async Task<PlanMessage?> BuildAsync(EdgeId edge, PlanRevision? held, CancellationToken cancel)
    {
        await _builds.WaitAsync(cancel);
        try
        {
            if (await _builder.RevisionAsync(edge, cancel) is not { } newest)
            {
                _outboxes.TryRemove(edge, out _);
                _outcomes.Forget(edge);
                return null;
            }

            if (held == newest)
            {
                return null;
            }

            if (held is { } beyond && !newest.TakesOver(beyond))
            {
                PlansLog.StoreIsBehind(Log, edge, beyond, newest);
            }

            return await _builder.BuildAsync(edge, cancel);
        }
        finally
        {
            _builds.Release();
        }
    }

    private void Touch(EdgeId edge)
    {
        // Whoever is not there now is compared when it comes, and finds what has been committed before this.
        if (Sender.IsConnected(edge))
        {
            OutboxOf(edge).Touch();
        }
    }

    private PlanOutbox OutboxOf(EdgeId edge) => _outboxes.GetOrAdd(edge, id => new PlanOutbox(this, id));
}

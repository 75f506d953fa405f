using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Engine;
using Portunus.Edge.Loop;
using Portunus.Edge.Options;
using Portunus.Edge.Targets;
using Portunus.Edge.Tcp;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Engine;

/// <summary>What only the order of mail between loops decides, with loops that the test holds up.</summary>
public sealed class PlanReconcilerTests : IAsyncLifetime
{
    private readonly EngineLoops _loops = new(2, NullLoggerFactory.Instance);
    private readonly SpareDescriptor _spare = new();
    private readonly NameRefresher _names = new(new ResolverOptions(), TimeProvider.System, NullLogger<NameRefresher>.Instance);
    private readonly PlanReconciler _reconciler;

    public PlanReconcilerTests() =>
        _reconciler = new PlanReconciler(new EngineOptions(), _loops, _spare, _names, new CountedRules(keepsRetired: false), TimeProvider.System, NullLogger.Instance);

    public Task InitializeAsync()
    {
        _loops.Start();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Remove_ConnectionIsInTheMailOfAnotherLoop_RuleKeepsItUntilItHasEnded()
    {
        await using var target = LoopbackTarget.Echo();
        var rule = RunningEngine.Rule("mailed", target.Port);
        await ApplyAsync(1, rule);

        // The second loop takes the connection and passes it on, because it has more to do.
        _loops.Events[1].CountFlows(10);
        using var second = await HoldAsync(_loops.Events[1]);
        var removing = ApplyAsync(2, null);
        await _loops.Events[0].RunAsync(() => { });
        using var first = await HoldAsync(_loops.Events[0]);
        using var peer = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        second.Release();
        await removing;
        Assert.Equal(RuleStanding.Draining, Assert.Single(_reconciler.Snapshot).Outcome.Standing);

        first.Release();
        Assert.True(await peer.EchoesAsync());
        await _reconciler.CutAllAsync(FlowEnd.Shutdown);
        await peer.ReceiveToResetAsync();
        _loops.Events[1].CountFlows(-10);
    }

    public async Task DisposeAsync()
    {
        await _reconciler.StopListeningAsync();
        await _reconciler.DisposeAsync();
        await _names.DisposeAsync();
        _loops.Dispose();
        _spare.Dispose();
    }

    /// <summary>Stops a loop where it delivers its mail until it is released.</summary>
    private static async Task<Held> HoldAsync(EventLoop loop)
    {
        var held = new Held();
        _ = loop.RunAsync(held.Wait);
        await Eventually.Within(held.Begun);
        return held;
    }

    private Task<IReadOnlyList<RuleOutcome>> ApplyAsync(long revision, RuleSpec? spec) => Eventually.Within(_reconciler.ApplyAsync(
        new EdgePlan(
            revision,
            [new PlannedRule { Id = RuleId.FromName("mailed"), Revision = revision, Rule = spec is null ? null : RuleCheck.Check(spec).Rule }],
            new Dictionary<AccountId, LimitSpec>()),
        CancellationToken.None));

    private sealed class Held : IDisposable
    {
        private readonly ManualResetEventSlim _go = new();
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public void Wait()
        {
            _begun.SetResult();
            _go.Wait();
        }

        public void Release() => _go.Set();

        public void Dispose() => Release();
    }
}

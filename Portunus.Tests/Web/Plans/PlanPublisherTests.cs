using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using Portunus.Web.Live;
using Portunus.Web.Plans;

namespace Portunus.Tests.Web.Plans;

public sealed class PlanPublisherTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly TestClock _clock = new();
    private readonly TakenPlans _sender = new();
    private readonly PlanOutcomes _outcomes;
    private readonly PlanPublisher _publisher;
    private readonly FailingStore _failing;
    private EdgeId _edge;
    private string _epoch = "";

    public PlanPublisherTests()
    {
        _failing = new FailingStore(_store);
        _outcomes = new PlanOutcomes(_store.Feed, _clock);
        _publisher = new PlanPublisher(new PlanBuilder(_failing, _clock, NullLogger<PlanBuilder>.Instance), _sender, _outcomes, _store.Feed, _clock, NullLogger<PlanPublisher>.Instance);
    }

    public async Task InitializeAsync()
    {
        _edge = (await _store.AddEdgeAsync()).Id;
        await using var db = _store.CreateDbContext();
        _epoch = (await db.Settings.SingleAsync(setting => setting.Key == Setting.PlanEpoch)).Value;
        await _publisher.StartAsync(CancellationToken.None);
    }

    public Task DisposeAsync() => Eventually.Within(_publisher.StopAsync(CancellationToken.None));

    public void Dispose()
    {
        _publisher.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task Change_AfterASilence_GoesAtOnceAndThoseThatFollowBecomeOne()
    {
        ConnectHoldingNewest();
        await RaiseAsync();
        await Eventually.Holds(() => _sender.Begun == 1 && _clock.NextDue is null, "the first change is sent without the clock moving");

        await RaiseAsync();
        await RaiseAsync();
        await RaiseAsync();
        await Eventually.Equals(PlanPublisher.Spacing, () => _clock.NextDue.GetValueOrDefault(), "the others wait out the spacing");
        _clock.Advance(PlanPublisher.Spacing);

        await TakenAsync(2, 5);
        _clock.Advance(PlanPublisher.Spacing);
        await RaiseAsync();
        await TakenAsync(2, 5, 6);
    }

    [Fact]
    public async Task ChangesWhileAPlanIsOnItsWay_BecomeOneThatIsTheNewest()
    {
        ConnectHoldingNewest();
        _sender.Hold(_edge);
        await RaiseAsync();
        await Eventually.Equals(1, () => _sender.Begun, "the first is on its way");
        for (var i = 0; i < 20; i++)
        {
            await RaiseAsync();
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(1, _sender.Begun);
        _sender.Release(_edge);

        await TakenAsync(2, 22);
    }

    [Fact]
    public async Task EdgeThatDoesNotRead_HoldsUpNobodyElse()
    {
        var others = new List<EdgeId>();
        for (var i = 0; i < 20; i++)
        {
            others.Add((await _store.AddEdgeAsync($"edge {i}")).Id);
        }

        foreach (var edge in others.Append(_edge))
        {
            _sender.Add(edge);
        }

        foreach (var slow in others.Take(10))
        {
            _sender.Hold(slow);
            _publisher.Connected(slow, null);
        }

        await Eventually.Equals(10, () => _sender.Begun, "ten are stuck");
        foreach (var edge in others.Skip(10).Append(_edge))
        {
            _publisher.Connected(edge, null);
        }

        await Eventually.Holds(() => others.Skip(10).Append(_edge).All(edge => _sender.NumbersOf(edge) is [1]), "the others have their plan");
    }

    [Fact]
    public async Task EdgeThatWasAway_GetsTheNewestAtItsHello()
    {
        await RaiseAsync();
        await RaiseAsync();
        Assert.Equal(0, _sender.Begun);

        Connect(new PlanRevision(_epoch, 1));
        await TakenAsync(3);
    }

    [Fact]
    public async Task EdgeThatHoldsTheNewest_GetsNoneUntilSomethingChanges()
    {
        Connect(new PlanRevision(_epoch, 1));
        _clock.Advance(PlanPublisher.Spacing);
        await RaiseAsync();
        await TakenAsync(2);
    }

    [Theory]
    [InlineData("another", 1)]
    [InlineData("another", 900)]
    [InlineData(null, 900)]
    [InlineData("", 1)]
    public async Task EdgeThatHoldsAnythingElse_GetsTheNewest(string? epoch, long number)
    {
        Connect(new PlanRevision(epoch ?? _epoch, number));
        await TakenAsync(1);
    }

    [Fact]
    public async Task SameNudgeTwice_SendsOnce()
    {
        Connect(null);
        await TakenAsync(1);
        _clock.Advance(PlanPublisher.Spacing);
        _store.Feed.Publish(LiveTopic.Of(LiveKind.EdgePlan, _edge));
        _clock.Advance(PlanPublisher.Spacing);
        await RaiseAsync();
        await Eventually.Holds(() => { _clock.Advance(PlanPublisher.Spacing); return _sender.NumbersOf(_edge).Count > 1; }, "the next plan");
        Assert.Equal([1, 2], _sender.NumbersOf(_edge));
    }

    [Fact]
    public async Task SendThatFails_IsTriedAgainWithGrowingDelay()
    {
        _sender.Failing = 4;
        Connect(null);
        var last = TimeSpan.Zero;
        for (var failure = 1; failure <= 4; failure++)
        {
            await Eventually.Holds(() => _sender.Begun == failure && _clock.NextDue is not null, $"failure {failure} waits");
            var delay = _clock.NextDue!.Value;
            Assert.InRange(delay, TimeSpan.FromSeconds(0.125 * Math.Pow(2, failure)), TimeSpan.FromSeconds(0.25 * Math.Pow(2, failure)));
            Assert.True(delay >= last);
            last = delay;
            _clock.Advance(delay);
        }

        await TakenAsync(1);
    }

    [Fact]
    public async Task StoreThatFails_IsTriedAgain()
    {
        _failing.Failing = true;
        Connect(null);
        await Eventually.Holds(() => _clock.NextDue is not null, "the next try waits");
        _failing.Failing = false;
        _clock.Advance(TimeSpan.FromSeconds(1));
        await TakenAsync(1);
    }

    [Fact]
    public async Task EdgeThatGoesAwayDuringASend_IsNotTriedAgainUntilItIsBack()
    {
        var stuck = _sender.Hold(_edge);
        Connect(null);
        await Eventually.Equals(1, () => _sender.Begun, "the plan is on its way");
        _sender.Remove(_edge);
        stuck.SetException(new IOException("gone"));
        await Eventually.Holds(() => _publisher.IsIdle, "nothing is left to do");
        Assert.Null(_clock.NextDue);

        _sender.Release(_edge);
        Connect(null);
        await Eventually.Holds(() => _clock.NextDue is not null, "the spacing holds over connections");
        _clock.Advance(PlanPublisher.Spacing);
        await TakenAsync(1);
        Assert.Equal(2, _sender.Begun);
    }

    [Fact]
    public async Task NewConnection_DoesNotWaitForTheOldOnesSend()
    {
        _sender.Hold(_edge);
        Connect(null);
        await Eventually.Equals(1, () => _sender.Begun, "the old connection is stuck");
        _sender.Hold(_edge).SetResult();
        _publisher.Connected(_edge, null);
        await Eventually.Holds(() => { _clock.Advance(PlanPublisher.Spacing); return _sender.NumbersOf(_edge).Count > 0; }, "the new connection has its plan");
        Assert.Equal([1], _sender.NumbersOf(_edge));
    }

    [Fact]
    public async Task DeletedEdge_IsForgotten()
    {
        _outcomes.Record(_edge, new PlanReport(_epoch, 1, [], true));
        await using (var db = _store.CreateDbContext())
        {
            await db.Edges.ExecuteDeleteAsync();
        }

        _store.Feed.Publish(LiveTopic.Of(LiveKind.EdgeTrust, _edge));
        await Eventually.Holds(() => _outcomes.AppliedBy(_edge) is null, "what it said is forgotten");
    }

    [Fact]
    public async Task Stop_EndsWhatWaits()
    {
        _sender.Failing = 1;
        Connect(null);
        await Eventually.Holds(() => _clock.NextDue is not null, "the next try waits");
        await Eventually.Within(_publisher.StopAsync(CancellationToken.None));
        Assert.Null(_clock.NextDue);
    }

    private void Connect(PlanRevision? held)
    {
        _sender.Add(_edge);
        _publisher.Connected(_edge, held);
    }

    /// <summary>It is there and holds the plan that its store begins with.</summary>
    private void ConnectHoldingNewest() => Connect(new PlanRevision(_epoch, 1));

    private async Task RaiseAsync()
    {
        await using var write = await _store.Lane.BeginAsync(CancellationToken.None);
        await PlanRevisions.RaiseAsync(write.Db, [_edge], _clock.GetUtcNow(), CancellationToken.None);
        await write.CommitAsync();
    }

    private Task TakenAsync(params long[] numbers) =>
        Eventually.Equals(string.Join(' ', numbers), () => string.Join(' ', _sender.NumbersOf(_edge)), "plans taken");

    /// <summary>A store that can be made to fail.</summary>
    private sealed class FailingStore(TempDb store) : IDbContextFactory<PortunusDb>
    {
        public bool Failing { get; set; }

        public PortunusDb CreateDbContext() => Failing ? throw new SqliteException("The disk is gone.", 10) : store.CreateDbContext();
    }
}

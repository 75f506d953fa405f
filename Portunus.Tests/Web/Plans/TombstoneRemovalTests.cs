using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Plans;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Plans;

public sealed class TombstoneRemovalTests : IAsyncLifetime, IDisposable
{
    private readonly TempDb _store = new();
    private readonly TestClock _clock = new();
    private readonly PlanOutcomes _outcomes;
    private readonly TombstoneRemoval _removal;
    private EdgeRow _edge = null!;
    private string _epoch = "";

    public TombstoneRemovalTests()
    {
        _outcomes = new PlanOutcomes(_store.Feed, _clock);
        _removal = new TombstoneRemoval(_store, _store.Lane, _outcomes, _store.Feed, _clock, NullLogger<TombstoneRemoval>.Instance);
    }

    public async Task InitializeAsync()
    {
        _edge = await _store.AddEdgeAsync();
        await using var db = _store.CreateDbContext();
        _epoch = (await db.Settings.SingleAsync(setting => setting.Key == Setting.PlanEpoch)).Value;
    }

    public Task DisposeAsync() => Eventually.Within(_removal.StopAsync(CancellationToken.None));

    public void Dispose()
    {
        _removal.Dispose();
        _store.Dispose();
    }

    [Theory]
    [InlineData(8, "stopped", true, true)]
    [InlineData(9, "stopped", true, true)]
    [InlineData(8, "draining", true, false)]
    [InlineData(8, "listening", true, false)]
    [InlineData(7, "stopped", true, false)]
    [InlineData(8, "stopped", false, false)]
    public async Task Tombstone_GoesOnceItsEdgeHasStoppedThatVeryRemoval(long revision, string standing, bool ofThisEpoch, bool goes)
    {
        var id = await AddAsync(8);
        _outcomes.Record(_edge.Id, new PlanReport(ofThisEpoch ? _epoch : "of before", 1, [new ReportedRule(id, revision, standing, _clock.GetUtcNow())], true));

        Assert.Equal(goes ? 1 : 0, await _removal.RemoveAsync([_edge.Id], CancellationToken.None));
        Assert.Equal(goes ? 0 : 1, await CountAsync());
    }

    [Fact]
    public async Task TombstoneOfAnotherEdge_IsNotThisOnesToStop()
    {
        var id = await AddAsync(8);
        var other = await _store.AddEdgeAsync("other");
        _outcomes.Record(other.Id, new PlanReport(_epoch, 1, [new ReportedRule(id, 8, "stopped", _clock.GetUtcNow())], true));

        Assert.Equal(0, await _removal.RemoveAsync([_edge.Id, other.Id], CancellationToken.None));
    }

    [Fact]
    public async Task Report_RemovesManyAndRaisesNoPlan()
    {
        var rows = Enumerable.Range(0, 1200).Select(_ => new RuleTombstone { RuleId = RuleId.New(), EdgeId = _edge.Id, Revision = 2 }).ToList();
        await _store.AddAsync([.. rows]);
        var kept = await AddAsync(5);
        await _removal.StartAsync(CancellationToken.None);
        await Eventually.Holds(async () =>
        {
            // Again and again, since the first may come before anybody listens.
            _outcomes.Record(_edge.Id, new PlanReport(_epoch, 1, [.. rows.Select(row => new ReportedRule(row.RuleId, 2, "stopped", _clock.GetUtcNow()))], true));
            _clock.Advance(TombstoneRemoval.Gathering);
            return await CountAsync() == 1;
        }, "all but one are gone");

        await using var db = _store.CreateDbContext();
        Assert.Equal((kept, 1L), ((await db.RuleTombstones.SingleAsync()).RuleId, (await db.EdgeRevisions.SingleAsync()).Number));
    }

    private async Task<RuleId> AddAsync(long revision)
    {
        var id = RuleId.New();
        await _store.AddAsync(new RuleTombstone { RuleId = id, EdgeId = _edge.Id, Revision = revision });
        return id;
    }

    private async Task<int> CountAsync()
    {
        await using var db = _store.CreateDbContext();
        return await db.RuleTombstones.CountAsync();
    }
}

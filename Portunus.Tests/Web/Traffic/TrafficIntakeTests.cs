using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Database;
using Portunus.Web.Database.Tables;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Traffic;

/// <summary>What edges tell of their counters reaches the ledger once, under its owner, and is called durable only when it is.</summary>
public sealed class TrafficIntakeTests : IDisposable
{
    private static readonly Guid s_boot = Guid.NewGuid();

    private readonly TrafficRoom _room = new();

    private EdgeRow _edge = null!;

    private Account _ann = null!;

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Batch_IsDurableAfterTheFlushAndOnlyThenMarked()
    {
        var rule = await RuleAsync();
        Assert.Empty(_room.Intake.Durable(_edge.Id, [s_boot]));
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 7, rule, 1000));
        Assert.Empty(_room.Marks);
        Assert.Equal(0, await _room.BytesInAsync(rule));
        await _room.SettleAsync();
        Assert.Equal(new SampleMark(s_boot, 7), Assert.Single(_room.Marks));
        var row = Assert.Single(await _room.RowsAsync());
        Assert.Equal((_ann.Id, 1000, 500, 1, 1), (row.OwnerId, row.BytesIn, row.BytesOut, row.Flows, row.Accepted));
        Assert.Equal(new SampleMark(s_boot, 7), Assert.Single(_room.Intake.Durable(_edge.Id, [s_boot])));
    }

    [Fact]
    public async Task RepeatedAndOlderBatches_ChangeNothing()
    {
        var rule = await RuleAsync();
        foreach (var (sequence, bytes) in new[] { (1, 100), (3, 300), (3, 300), (2, 200), (1, 100) })
        {
            _room.Intake.Take(_edge.Id, _room.Batch(s_boot, sequence, rule, bytes));
            await _room.SettleAsync();
        }

        Assert.Equal(300, await _room.BytesInAsync(rule));
        Assert.Equal(300, _room.Book.Owner(_ann.Id).Total.BytesIn);
        Assert.Equal(300, _room.Book.Fleet.Total.BytesIn);
        Assert.Equal(3, _room.Marks[^1].Sequence);
    }

    [Fact]
    public async Task RuleOfAnotherEdge_IsRefusedAndCounted()
    {
        var rule = await RuleAsync();
        var other = await _room.Store.AddEdgeAsync("other");
        _room.Intake.Take(other.Id, _room.Batch(s_boot, 1, rule, 5000));
        _room.Intake.Take(other.Id, _room.Batch(s_boot, 2, RuleId.New(), 5000, _ann.Id));
        await _room.SettleAsync();
        _room.Intake.Take(other.Id, _room.Batch(s_boot, 3, rule, 6000));
        await _room.SettleAsync();
        Assert.Empty(await _room.RowsAsync());
        Assert.Equal(3, _room.Book.Edge(other.Id).RefusedTotals);
        Assert.Null(_room.Book.FindRule(rule));
        // It is not sent again for ever.
        Assert.Equal(3, _room.Marks[^1].Sequence);
    }

    [Fact]
    public async Task OwnerThatNeverHadTheRule_IsNotCharged()
    {
        var rule = await RuleAsync();
        var bob = await _room.Store.AddAccountAsync("bob");
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, 100, bob.Id));
        await _room.SettleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 2, rule, 200, bob.Id));
        await _room.SettleAsync();
        Assert.Equal((_ann.Id, 200), Assert.Single(await _room.RowsAsync()) is var row ? (row.OwnerId, row.BytesIn) : default);
        Assert.Null(_room.Book.FindOwner(bob.Id));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(LedgerCount.Most + 1)]
    [InlineData(long.MinValue)]
    public async Task CountThatCannotBe_IsRefused(long bytes)
    {
        var rule = await RuleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, bytes));
        await _room.SettleAsync();
        Assert.Empty(await _room.RowsAsync());
        Assert.Equal(1, _room.Book.Edge(_edge.Id).RefusedTotals);
    }

    [Fact]
    public async Task WhatNoEdgeOfOursSends_IsRefusedAndDoesNoHarm()
    {
        var rule = await RuleAsync();
        var sound = TrafficRoom.Totals(rule, 10);
        var words = Enumerable.Range(0, 100).ToDictionary(i => $"word{i}", _ => 1L);
        RuleTotals[] wrong =
        [
            null!, sound with { Ends = words }, sound with { DropsIn = words }, sound with { DropsOut = new Dictionary<string, long> { [new('x', 1000)] = 1 } },
            sound with { DropsIn = new Dictionary<string, long> { ["bandwidth"] = -1 } }, sound with { Targets = [null!] }, sound with { Ports = [null!] },
            sound with { Targets = [new TargetTotals(new('x', 10_000), 1, "up", default, 0, null)] }, sound with { Targets = [new TargetTotals(null!, 1, "up", default, 0, null)] },
            sound with { Targets = [.. Enumerable.Repeat(new TargetTotals("a", 1, "up", default, 0, null), 9)] },
            sound with { Traffic = new TrafficCount(1, 1, 1, long.MaxValue) }, sound with { Traffic = new TrafficCount(1, 1, 1, -1) },
        ];
        _room.Intake.Take(_edge.Id, new SampleBatch { Boot = s_boot, Sequence = 1, TakenAt = DateTimeOffset.MaxValue, IsLast = true, Rules = null! });
        foreach (var (totals, i) in wrong.Select((totals, i) => (totals, i)))
        {
            _room.Intake.Take(_edge.Id, _room.Batch(s_boot, i + 1, isLast: true, isFinal: false, totals) with { TakenAt = i % 2 == 0 ? DateTimeOffset.MinValue : DateTimeOffset.MaxValue });
            await _room.SettleAsync();
        }

        Assert.Empty(await _room.RowsAsync());
        Assert.Equal(wrong.Length, _room.Book.Edge(_edge.Id).RefusedTotals);
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 100, isLast: true, isFinal: false, sound));
        await _room.SettleAsync();
        Assert.Equal(10, await _room.BytesInAsync(rule));
        Assert.Equal(0, _room.Reader.All(null).Now.FlowsActive);
    }

    [Fact]
    public async Task RuleDeletedWhileItsEdgeWasAway_KeepsItsOwner()
    {
        var rule = await RuleAsync();
        await using (var write = await _room.Store.Lane.BeginAsync(CancellationToken.None))
        {
            var row = await write.Db.Rules.SingleAsync();
            await RuleLedger.KeepOwnerAsync(write.Db, row, DateTimeOffset.UnixEpoch, CancellationToken.None);
            write.Db.Rules.Remove(row);
            await write.CommitAsync();
        }

        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, 700));
        await _room.SettleAsync();
        Assert.Equal(700, await _room.BytesInAsync(rule));
        Assert.All(await _room.RowsAsync(), row => Assert.Equal(_ann.Id, row.OwnerId));
        Assert.Equal(700, _room.Book.Owner(_ann.Id).Total.BytesIn);
    }

    [Fact]
    public async Task RuleGivenToAnotherOwner_ChargesEachForOwnTraffic()
    {
        var rule = await RuleAsync();
        var bob = await _room.Store.AddAccountAsync("bob");
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, 1000, _ann.Id));
        await _room.SettleAsync();
        await using (var write = await _room.Store.Lane.BeginAsync(CancellationToken.None))
        {
            var row = await write.Db.Rules.SingleAsync();
            await RuleLedger.KeepOwnerAsync(write.Db, row, DateTimeOffset.UnixEpoch, CancellationToken.None);
            row.OwnerId = bob.Id;
            await write.CommitAsync();
        }

        // The edge has not heard of it yet; then it has.
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 2, rule, 1200, _ann.Id));
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 3, rule, 1500, bob.Id));
        await _room.SettleAsync();
        Assert.Equal(1200, _room.Book.Owner(_ann.Id).Total.BytesIn);
        Assert.Equal(300, _room.Book.Owner(bob.Id).Total.BytesIn);
        Assert.Equal(1500, await _room.BytesInAsync(rule));
        Assert.Equal(300, (await _room.RowsAsync()).Single(row => row.OwnerId == bob.Id).BytesIn);
    }

    [Fact]
    public async Task LookInParts_IsMarkedWithItsLastPart()
    {
        var (one, two) = (await RuleAsync(), await AddRuleAsync(8081));
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 4, isLast: true, isFinal: false, TrafficRoom.Totals(one, 10), TrafficRoom.Totals(two, 10)));
        await _room.SettleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 5, one, 20, isLast: false));
        await _room.SettleAsync();
        Assert.Equal(4, _room.Marks[^1].Sequence);
        // The process dies with half a look durable: the other half must come again.
        await _room.RestartAsync();
        Assert.Equal(new SampleMark(s_boot, 4), Assert.Single(_room.Intake.Durable(_edge.Id, [s_boot])));
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 6, one, 20, isLast: false));
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 6, two, 30));
        await _room.SettleAsync();
        Assert.Equal(6, _room.Marks[^1].Sequence);
        Assert.Equal((20, 30), (await _room.BytesInAsync(one), await _room.BytesInAsync(two)));
        Assert.Equal(50, _room.Book.Fleet.Total.BytesIn);
    }

    [Fact]
    public async Task KilledBetweenTakeAndFlush_LosesNothingOnceTheEdgeSendsAgain()
    {
        var rule = await RuleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, 100));
        await _room.SettleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 2, rule, 250));
        await _room.RestartAsync();
        Assert.Equal(100, _room.Book.Fleet.Total.BytesIn);
        Assert.Equal(1, Assert.Single(_room.Intake.Durable(_edge.Id, [s_boot])).Sequence);
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 3, rule, 250));
        await _room.SettleAsync();
        Assert.Equal(250, await _room.BytesInAsync(rule));
        Assert.Equal(250, _room.Book.Owner(_ann.Id).Total.BytesIn);
    }

    [Fact]
    public async Task EndedBoots_BecomeOneRowAndAreNotCountedTwice()
    {
        var rule = await RuleAsync();
        var boots = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        foreach (var boot in boots)
        {
            _room.Intake.Take(_edge.Id, _room.Batch(boot, 9, rule, 90));
            await _room.SettleAsync();
            _room.Intake.Durable(_edge.Id, [Guid.NewGuid(), boot]);
            _room.Intake.Take(_edge.Id, _room.Batch(boot, 9, rule, 100, isFinal: true));
            await _room.SettleAsync();
            Assert.Equal(new SampleMark(boot, 9, IsFinal: true), _room.Marks[^1]);
        }

        var row = Assert.Single(await _room.RowsAsync());
        Assert.Equal((Guid.Empty, 500), (row.Boot, row.BytesIn));
        // The mark was lost on its way, before and after a restart of the control plane.
        foreach (var restarts in new[] { false, true })
        {
            if (restarts)
            {
                await _room.RestartAsync();
            }

            _room.Marks.Clear();
            Assert.True(Assert.Single(_room.Intake.Durable(_edge.Id, [Guid.NewGuid(), boots[2]])).IsFinal);
            _room.Intake.Take(_edge.Id, _room.Batch(boots[2], 9, rule, 100, isFinal: true));
            Assert.Equal(new SampleMark(boots[2], 9, IsFinal: true), Assert.Single(_room.Marks));
            await _room.SettleAsync();
            Assert.Equal(500, Assert.Single(await _room.RowsAsync()).BytesIn);
            Assert.Equal(500, _room.Book.Fleet.Total.BytesIn);
        }
    }

    [Fact]
    public async Task StoreThatFails_IsWrittenLaterAndNothingIsMarkedUntilThen()
    {
        var rule = await RuleAsync();
        await ExecuteAsync("CREATE TRIGGER Full BEFORE INSERT ON RuleTotals BEGIN SELECT RAISE(ABORT, 'full'); END");
        foreach (var sequence in new[] { 1, 2, 3 })
        {
            _room.Intake.Take(_edge.Id, _room.Batch(s_boot, sequence, rule, sequence * 100));
            await Assert.ThrowsAsync<SqliteException>(_room.SettleAsync);
        }

        Assert.Empty(_room.Marks);
        await ExecuteAsync("DROP TRIGGER Full");
        await _room.SettleAsync();
        Assert.Equal(new SampleMark(s_boot, 3), Assert.Single(_room.Marks));
        Assert.Equal(300, await _room.BytesInAsync(rule));
        // Nothing changed since: nothing is written.
        var written = _room.Writer.Written;
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 4, isLast: true, isFinal: false));
        await _room.SettleAsync();
        Assert.Equal(written, _room.Writer.Written);
    }

    [Fact]
    public async Task BootsThatWereNotNamed_AreTakenUpToABound()
    {
        var rule = await RuleAsync();
        _room.Intake.Durable(_edge.Id, [s_boot]);
        for (var i = 0; i < 20; i++)
        {
            _room.Intake.Take(_edge.Id, _room.Batch(Guid.NewGuid(), 1, rule, 1));
        }

        _room.Intake.Take(_edge.Id, _room.Batch(Guid.Empty, 1, rule, 1));
        await _room.SettleAsync();
        Assert.Equal(2, await _room.BytesInAsync(rule));
        Assert.Equal(19, _room.Book.Edge(_edge.Id).RefusedTotals);
    }

    [Fact]
    public async Task EdgeThatIsDeleted_LeavesItsOwnersWhatTheyUsed()
    {
        var rule = await RuleAsync();
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, rule, 100));
        await _room.SettleAsync();
        await _room.Writer.CloseAsync(_room.Book.Edge(_edge.Id), CancellationToken.None);
        await _room.RestartAsync();
        Assert.Equal((Guid.Empty, 100), Assert.Single(await _room.RowsAsync()) is var row ? (row.Boot, row.BytesIn) : default);
        Assert.Equal(100, _room.Book.Owner(_ann.Id).Total.BytesIn);
        await using var db = _room.Store.CreateDbContext();
        Assert.Empty(await db.EdgeBoots.ToListAsync());
    }

    [Fact]
    public async Task SumsOfAnEdgeThatLies_StopAtTheLargestNumber()
    {
        await RuleAsync();
        var rules = new List<RuleTotals>();
        for (var port = 9000; port < 9040; port++)
        {
            rules.Add(TrafficRoom.Totals(await AddRuleAsync(port), LedgerCount.Most));
        }

        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, isLast: true, isFinal: false, [.. rules]));
        await _room.SettleAsync();
        Assert.Equal(long.MaxValue, _room.Book.Fleet.Total.BytesIn);
        await _room.RestartAsync();
        Assert.Equal(long.MaxValue, _room.Book.Fleet.Total.BytesIn);
    }

    private async Task<RuleId> RuleAsync()
    {
        _edge = await _room.Store.AddEdgeAsync();
        _ann = await _room.Store.AddAccountAsync("ann");
        return await AddRuleAsync(8080);
    }

    private async Task<RuleId> AddRuleAsync(int port) =>
        (await _room.Store.AddRuleAsync(_edge, _ann, new RuleSpec { ListenPort = port, Target = "a.example:80" })).Id;

    private async Task ExecuteAsync(string statement)
    {
        await using var db = _room.Store.CreateDbContext();
        await db.Database.ExecuteSqlRawAsync(statement);
    }
}

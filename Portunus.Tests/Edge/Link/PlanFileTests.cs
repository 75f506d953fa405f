using Microsoft.Extensions.Logging;
using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class PlanFileTests : IAsyncDisposable
{
    private static readonly EdgeId s_edge = EdgeId.New();

    private readonly TempFolder _temp = new();
    private readonly LogLines<PlanFile> _log = new();
    private readonly StateDirectory _state;
    private readonly PlanFile _file;

    public PlanFileTests()
    {
        _state = StateDirectory.Open(_temp.File("state"));
        _file = new PlanFile(_state, s_edge, TimeProvider.System, _log);
    }

    [Fact]
    public void Load_NothingThere_IsNoProblem()
    {
        Assert.Equal(new StoredPlan(null, null), _file.Load());
        Assert.Empty(_log.All);
    }

    [Fact]
    public async Task Load_WhatWasSaved_IsTheSameFieldByField()
    {
        var owner = AccountId.New();
        var plan = new PlanMessage(
            "epoch",
            7,
            [
                new PlanEntry
                {
                    Id = RuleId.New(),
                    Revision = 3,
                    Rule = new RawJson("""{"name":"web","listen_port":80,"target":"192.0.2.1:80","note":"žluť"}"""),
                    Owner = owner,
                    LocalTargets = true,
                    Until = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero),
                    CutBefore = new FlowOrder(3, null),
                    DrainBefore = new FlowOrder(2, new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero)),
                },
                new PlanEntry { Id = RuleId.New(), Revision = 4, Forbidden = true },
            ],
            new Dictionary<AccountId, RawJson> { [owner] = new("""{"concurrent_flows":5}""") });

        Assert.True(await Eventually.Within(_file.SaveAsync(plan)));

        var read = Assert.IsType<PlanMessage>(_file.Load().Plan);
        Assert.Equal(plan.Revision, read.Revision);
        Assert.Equal(plan.Rules, read.Rules);
        Assert.Equal(plan.OwnerLimits, read.OwnerLimits);
        Assert.Equal(StateDirectory.OwnerFile, File.GetUnixFileMode(_state.PlanFile));
        Assert.Equal(["counters", "lock", "plan.json"], Names());
    }

    [Fact]
    public async Task SaveAsync_FiveThousandRules_AreAllThere()
    {
        var rules = Enumerable.Range(0, 5000).Select(index => new PlanEntry
        {
            Id = RuleId.New(),
            Revision = index,
            Rule = new RawJson($$"""{"name":"r{{index}}","listen_port":{{index + 1}},"target":"192.0.2.1:80"}"""),
        });

        Assert.True(await Eventually.Within(_file.SaveAsync(Plan(1) with { Rules = [.. rules] })));

        Assert.Equal(5000, _file.Load().Plan?.Rules.Count);
    }

    [Fact]
    public async Task SaveAsync_AfterItWasRemoved_KeepsNothing()
    {
        Assert.True(await Eventually.Within(_file.SaveAsync(Plan(1))));
        _file.Remove();

        Assert.False(await Eventually.Within(_file.SaveAsync(Plan(2))));
        Assert.False(File.Exists(_state.PlanFile));
    }

    [Fact]
    public async Task SaveAsync_ManyAtOnce_TheNewestIsKeptAndAllAreAnswered()
    {
        var saves = Enumerable.Range(1, 50).Select(number => _file.SaveAsync(Plan(number))).ToList();

        Assert.All(await Eventually.Within(Task.WhenAll(saves)), Assert.True);
        Assert.Equal(50, _file.Load().Plan?.Number);
    }

    [Fact]
    public async Task Load_EveryTornLength_IsRefusedAndSetAside()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));
        var whole = await File.ReadAllBytesAsync(_state.PlanFile);
        for (var length = 0; length < whole.Length - 1; length++)
        {
            await File.WriteAllBytesAsync(_state.PlanFile, whole[..length]);

            Assert.NotNull(_file.Load().Problem);
            Assert.False(File.Exists(_state.PlanFile));
            Assert.Equal(length, new FileInfo(_state.PlanFile + ".refused").Length);
        }

        Assert.All(_log.All, line => Assert.Equal(LogLevel.Error, line.Level));
        Assert.Null(_file.Load().Problem);
    }

    [Fact]
    public async Task Load_AnyByteChanged_NeverYieldsAnotherPlan()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));
        var whole = await File.ReadAllBytesAsync(_state.PlanFile);
        for (var place = 0; place < whole.Length - 1; place++)
        {
            var rotten = whole.ToArray();
            rotten[place] ^= 0x01;
            await File.WriteAllBytesAsync(_state.PlanFile, rotten);

            Assert.Null(_file.Load().Plan);
        }
    }

    [Fact]
    public async Task Load_PlanOfAnotherEdge_IsSetAside()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));
        await using var other = new PlanFile(_state, EdgeId.New(), TimeProvider.System, _log);

        Assert.Equal(new StoredPlan(null, "It is the plan of another edge."), other.Load());
        Assert.Equal(["counters", "lock", "plan.json.refused"], Names());
    }

    [Fact]
    public async Task Load_FormOfALaterVersion_IsSetAside()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));
        var text = await File.ReadAllTextAsync(_state.PlanFile);
        await File.WriteAllTextAsync(_state.PlanFile, text.Replace("\"form\":1", "\"form\":2", StringComparison.Ordinal));

        Assert.Contains("Another version", _file.Load().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_HalfWrittenFileOfAKilledProcess_IsLeftOut()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));
        await File.WriteAllTextAsync(_state.PlanFile + ".new", "{\"form\":1,");

        Assert.Equal(1, _file.Load().Plan?.Number);
        Assert.True(await Eventually.Within(_file.SaveAsync(Plan(2))));
        Assert.Equal(2, _file.Load().Plan?.Number);
        Assert.Equal(["counters", "lock", "plan.json"], Names());
    }

    [Fact]
    public async Task Remove_SavedPlan_IsGone()
    {
        await Eventually.Within(_file.SaveAsync(Plan(1)));

        _file.Remove();

        Assert.Equal(new StoredPlan(null, null), _file.Load());
    }

    [SmallDiskFact]
    public async Task SaveAsync_DiskIsFull_KeepsTheOldPlanAndTriesUntilThereIsRoom()
    {
        using var disk = new SmallDisk();
        using (var state = StateDirectory.Open(Path.Combine(disk.Path, "state")))
        {
            await using var file = new PlanFile(state, s_edge, TimeProvider.System, _log);
            Assert.True(await Eventually.Within(file.SaveAsync(Plan(1))));
            disk.Fill();

            Assert.False(await Eventually.Within(file.SaveAsync(Plan(2))));
            Assert.Equal(1, file.Load().Plan?.Number);
            Assert.Contains(_log.All, line => line.Level == LogLevel.Error && line.Text.Contains("cannot be saved", StringComparison.Ordinal));
            Assert.False(File.Exists(state.PlanFile + ".new"));

            disk.Free();
            await Eventually.Holds(() => file.Load().Plan?.Number == 2, "the plan is saved at last");
        }
    }

    [SmallDiskFact]
    public async Task DisposeAsync_PlanWaitsForRoom_MakesOneMoreAttempt()
    {
        using var disk = new SmallDisk();
        using (var state = StateDirectory.Open(Path.Combine(disk.Path, "state")))
        {
            await using (var file = new PlanFile(state, s_edge, new TestClock(), _log))
            {
                disk.Fill();
                Assert.False(await Eventually.Within(file.SaveAsync(Plan(2))));
                disk.Free();
            }

            await using var next = new PlanFile(state, s_edge, TimeProvider.System, _log);
            Assert.Equal(2, next.Load().Plan?.Number);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        _state.Dispose();
        _temp.Dispose();
    }

    private static PlanMessage Plan(long number) => new(
        "epoch",
        number,
        [new PlanEntry { Id = RuleId.FromName("web"), Revision = 1, Rule = new RawJson("""{"name":"web","listen_port":80,"target":"192.0.2.1:80"}""") }],
        new Dictionary<AccountId, RawJson>());

    private string[] Names() => [.. Directory.EnumerateFileSystemEntries(_state.Path).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)];
}

using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using Portunus.Web.Database.Tables;
using Portunus.Web.Traffic;
using EdgeRow = Portunus.Web.Database.Tables.Edge;

namespace Portunus.Tests.Web.Traffic;

/// <summary>What is told of traffic: rates by the edge's clock, gaps as gaps or evenly filled, whether targets are reached.</summary>
public sealed class TrafficReaderTests : IAsyncLifetime
{
    private static readonly Guid s_boot = Guid.NewGuid();

    private readonly TrafficRoom _room = new();
    private EdgeRow _edge = null!;
    private Account _ann = null!;
    private RuleId _rule;
    private long _sequence;
    private long _bytes;

    public async Task InitializeAsync()
    {
        _edge = await _room.Store.AddEdgeAsync();
        _ann = await _room.Store.AddAccountAsync("ann");
        _rule = (await _room.Store.AddRuleAsync(_edge, _ann, new RuleSpec { ListenPort = 8080, Target = "a.example:80" })).Id;
        Look(0);
        await _room.SettleAsync();
    }

    public Task DisposeAsync()
    {
        _room.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task SteadyTraffic_IsASteadyRate_ForRuleEdgeOwnerAndFleet()
    {
        Seconds(60, 1000);
        var rule = await RuleAsync();
        Assert.InRange(rule.Now.Rates!.BytesPerSecondIn, 998, 1002);
        Assert.InRange(rule.Now.Rates.BytesPerSecondOut, 498, 502);
        Assert.InRange(_room.Reader.All(null).Now.Rates!.BytesPerSecondIn, 998, 1002);
        Assert.InRange(_room.Reader.All(_ann.Id).Now.Rates!.BytesPerSecondIn, 998, 1002);
        Assert.Equal(0, _room.Reader.All(AccountId.New()).Now.Rates!.BytesPerSecondIn);
        Assert.InRange((await EdgeAsync(null)).Now.Rates!.BytesPerSecondIn, 998, 1002);
        Assert.InRange((await EdgeAsync(_ann.Id)).Now.Rates!.BytesPerSecondIn, 998, 1002);
        Assert.Equal(60_000, rule.Totals.BytesIn);
        var known = rule.Seconds.BytesPerSecondIn.Skip(845).ToList();
        Assert.Equal(55, known.Count);
        Assert.All(known, second => Assert.InRange(second!.Value, 998, 1002));
        Assert.Null(rule.Seconds.BytesPerSecondIn[0]);
        Assert.Equal((900, 1440), (rule.Seconds.BytesPerSecondIn.Count, rule.Minutes.BytesPerSecondOut.Count));
    }

    [Fact]
    public async Task GapOfTheLink_IsFilledEvenlyWhenTheEdgeIsBack()
    {
        Seconds(10, 1000);
        _room.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Null((await RuleAsync()).Now.Rates);
        Assert.Null((await RuleAsync()).Seconds.BytesPerSecondIn[^1]);
        _bytes += 60_000;
        Look(_bytes);
        Seconds(4, 1000);
        var rule = await RuleAsync();
        Assert.All(rule.Seconds.BytesPerSecondIn.TakeLast(60), second => Assert.InRange(second!.Value, 995, 1005));
        Assert.All(_room.Reader.All(null).Seconds.BytesPerSecondIn.TakeLast(60), second => Assert.InRange(second!.Value, 995, 1005));
    }

    [Fact]
    public async Task NewBoot_BeginsFromZeroAndIsNeverANegativeRate()
    {
        Seconds(20, 1_000_000);
        var boot = Guid.NewGuid();
        _room.Clock.Advance(TimeSpan.FromSeconds(1));
        _room.Intake.Take(_edge.Id, Of(boot, 1, 500) with { Vitals = Vitals(_room.Clock.GetUtcNow().AddSeconds(-1)) });
        for (var second = 2; second < 8; second++)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            _room.Intake.Take(_edge.Id, Of(boot, second, second * 500));
        }

        var rule = await RuleAsync();
        Assert.Equal(20_000_000 + 3500, rule.Totals.BytesIn);
        Assert.InRange(rule.Now.Rates!.BytesPerSecondIn, 498, 502);
        Assert.All(rule.Seconds.BytesPerSecondIn, second => Assert.InRange(second ?? 0, 0, 1_000_010));
    }

    [Fact]
    public async Task ClockOfTheEdgeSetBack_MakesNoSpike()
    {
        Seconds(20, 1000);
        for (var second = 0; second < 20; second++)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            _room.Intake.Take(_edge.Id, Of(s_boot, ++_sequence, _bytes += 1000) with { TakenAt = _room.Clock.GetUtcNow().AddHours(-5) });
        }

        Assert.All((await RuleAsync()).Seconds.BytesPerSecondIn, second => Assert.InRange(second ?? 0, 0, 1010));
        Assert.InRange((await RuleAsync()).Now.Rates!.BytesPerSecondIn, 995, 1005);
    }

    [Fact]
    public async Task LooksThatArriveTogether_ArePutWhereTheyWereTaken()
    {
        Seconds(20, 1000);
        var held = new List<SampleBatch>();
        for (var second = 0; second < 5; second++)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            held.Add(Of(s_boot, ++_sequence, _bytes += 1000));
        }

        held.ForEach(batch => _room.Intake.Take(_edge.Id, batch));
        Seconds(4, 1000);
        Assert.All((await RuleAsync()).Seconds.BytesPerSecondIn.TakeLast(20), second => Assert.InRange(second!.Value, 980, 1020));
    }

    [Fact]
    public void Forwarding_IsWhatTheEdgeToldLast_WhileItTells()
    {
        Assert.Equal(ForwardingState.Unknown, _room.Reader.Forwarding(RuleId.New()).State);
        foreach (var (standings, state) in new[]
        {
            (new[] { "up", "down" }, ForwardingState.Ok), (["down", "down"], ForwardingState.Failing), (["unknown", "unknown"], ForwardingState.Idle),
            (["down", "unknown"], ForwardingState.Idle),
        })
        {
            var totals = TrafficRoom.Totals(_rule, 0) with { Targets = [.. standings.Select(word => new TargetTotals("a", 80, word, default, 0, null))] };
            _room.Intake.Take(_edge.Id, _room.Batch(s_boot, ++_sequence, isLast: true, isFinal: false, totals));
            Assert.Equal(new ForwardingFact(state, _room.Clock.GetUtcNow()), _room.Reader.Forwarding(_rule));
        }

        // An older batch does not turn it.
        var older = TrafficRoom.Totals(_rule, 0) with { Targets = [new TargetTotals("a", 80, "up", default, 0, null)] };
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, 1, isLast: true, isFinal: false, older));
        Assert.Equal(ForwardingState.Idle, _room.Reader.Forwarding(_rule).State);
        var at = _room.Clock.GetUtcNow();
        _room.Clock.Advance(TimeSpan.FromSeconds(10.1));
        Assert.Equal(new ForwardingFact(ForwardingState.Unknown, at), _room.Reader.Forwarding(_rule));
    }

    [Fact]
    public async Task Ports_AreAskedForHalfAMinute()
    {
        var changed = new List<EdgeId>();
        _room.Watch.Changed += changed.Add;
        Assert.Empty((await _room.Reader.RuleAsync(_rule, _edge.Id, null, withPorts: true, withTargets: true, CancellationToken.None)).Ports!);
        Assert.Equal(_rule, Assert.Single(_room.Intake.WatchedPorts(_edge.Id)));
        var totals = TrafficRoom.Totals(_rule, 10) with { Ports = [new PortTotals(8080, new TrafficCount(10, 5, 1, 1))] };
        _room.Intake.Take(_edge.Id, _room.Batch(s_boot, ++_sequence, isLast: true, isFinal: false, totals));
        Assert.Equal(10, Assert.Single((await _room.Reader.RuleAsync(_rule, _edge.Id, null, withPorts: true, withTargets: false, CancellationToken.None)).Ports!).BytesIn);
        Assert.Null((await RuleAsync()).Ports);
        _room.Clock.Advance(PortWatch.Holds);
        _room.Watch.Sweep();
        Assert.Empty(_room.Intake.WatchedPorts(_edge.Id));
        Assert.Equal([_edge.Id, _edge.Id], changed);
    }

    [Fact]
    public async Task RuleThatNothingCameOfSinceTheStart_HasItsTotalsFromTheStore()
    {
        Seconds(3, 1000);
        await _room.SettleAsync();
        await _room.RestartAsync();
        var rule = await RuleAsync();
        Assert.Equal((3000, null, null), (rule.Totals.BytesIn, rule.Now.Rates, rule.SampledAt));
        Assert.Equal(3000, (await EdgeAsync(_ann.Id)).Totals.BytesIn);
        Assert.Equal(3000, _room.Reader.All(null).Totals.BytesIn);
        Assert.Null(_room.Reader.RuleNow(_rule, null));
    }

    /// <summary>One look a second, with so many bytes each.</summary>
    private void Seconds(int count, long bytes)
    {
        for (var second = 0; second < count; second++)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            Look(_bytes += bytes);
        }
    }

    private void Look(long bytes) => _room.Intake.Take(_edge.Id, Of(s_boot, ++_sequence, bytes) with { Vitals = Vitals(_room.Clock.GetUtcNow()) });

    private SampleBatch Of(Guid boot, long sequence, long bytes) => _room.Batch(boot, sequence, _rule, bytes);

    private static EdgeVitals Vitals(DateTimeOffset started) => new(started, 1, [1], 1, 10, 100, 1000, 0, 0);

    private Task<RuleTrafficView> RuleAsync() => _room.Reader.RuleAsync(_rule, _edge.Id, null, withPorts: false, withTargets: false, CancellationToken.None);

    private Task<TrafficView> EdgeAsync(AccountId? owner) => _room.Reader.EdgeAsync(_edge.Id, owner, CancellationToken.None);
}

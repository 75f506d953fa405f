using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Link;
using Portunus.Edge.Metering;
using Portunus.Shared.Ids;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class SampleReporterTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly BootFiles _boots;
    private readonly LoopbackTarget _target = LoopbackTarget.Echo();
    private readonly RunningEngine _engine;
    private readonly ToldSamples _told;

    public SampleReporterTests()
    {
        _boots = BootFiles.Open(_folder.Path, TimeProvider.System, NullLogger<BootFiles>.Instance);
        _engine = new RunningEngine(counted: _boots.Counted);
        _told = new ToldSamples(_engine.Engine, _boots);
    }

    [Fact]
    public async Task FirstLook_NothingCounted_HasEveryRuleWithItsOwnerAndTheProcess()
    {
        var owner = AccountId.New();
        await _engine.PutAsync(Rule("one"), owner: owner);
        await _engine.PutAsync(Rule("two"));
        var look = await _told.ConnectAsync();
        Assert.Equal(_told.Reporter.Boot, look.Boot);
        Assert.Equal(1, look.Sequence);
        Assert.False(look.IsFinal);
        Assert.Equal([("one", owner), ("two", null)], look.Rules.Select(rule => (Name(rule), rule.Owner)).Order());
        Assert.All(look.Rules, rule => Assert.Equal("unknown", Assert.Single(rule.Targets ?? []).Standing));
        Assert.Null(look.Vitals?.LoopLoad);
        var later = await _told.NextAsync();
        Assert.Empty(later.Rules);
        Assert.Equal(2, later.Sequence);
        Assert.All(later.Vitals?.LoopLoad ?? [], load => Assert.InRange(load, 0, 1));
        Assert.Equal(2, later.Vitals?.LoopLoad?.Count);
    }

    [Fact]
    public async Task Look_OneRuleCounted_HasThatRuleAlone()
    {
        var rule = Rule("busy");
        await _engine.PutAsync(rule);
        await _engine.PutAsync(Rule("quiet"));
        await _told.ConnectAsync();
        using var peer = await SendAsync(rule, 1000);
        var look = await _told.UntilAsync(Id("busy"), totals => totals.Traffic is { BytesIn: 1000, BytesOut: 1000 });
        var told = Assert.Single(look.Rules);
        Assert.Equal(new TrafficCount(1000, 1000, 1, 1), told.Traffic);
        Assert.Equal(1, told.Accepted);
        Assert.Null(told.Ports);
        Assert.Null(told.Ends);
        Assert.Equal("up", Assert.Single(told.Targets ?? []).Standing);
        Assert.Equal(told.Traffic, told.Targets?[0].Traffic);
        Assert.Empty((await _told.NextAsync()).Rules);
        peer.Dispose();
        look = await _told.UntilAsync(Id("busy"), totals => totals.Traffic.FlowsActive == 0);
        Assert.Equal(new Dictionary<string, long> { ["completed"] = 1 }, look.Rules[0].Ends);
    }

    [Fact]
    public async Task Watch_Rule_ItsPortsAreToldAtOnceAndThenWithEachChange()
    {
        var rule = Rule("watched");
        await _engine.PutAsync(rule);
        await _told.ConnectAsync();
        using var peer = await SendAsync(rule, 10);
        await _told.UntilAsync(Id("watched"), totals => totals.Traffic.BytesOut == 10);
        _told.Reporter.Watch([Id("watched")]);
        var port = Assert.Single(Assert.Single((await _told.NextAsync()).Rules).Ports ?? []);
        Assert.Equal(((int)(rule.ListenPort ?? 0), new TrafficCount(10, 10, 1, 1)), (port.Port, port.Traffic));
        Assert.Empty((await _told.NextAsync()).Rules);
        _told.Reporter.Watch([]);
        Assert.Empty((await _told.NextAsync()).Rules);
        await peer.SendAsync(new byte[5]);
        var look = await _told.UntilAsync(Id("watched"), totals => totals.Traffic.BytesOut == 15);
        Assert.Null(look.Rules[0].Ports);
    }

    [Fact]
    public async Task RemovedRule_NotCovered_IsToldOnEachConnectionUntilItIs()
    {
        var rule = Rule("gone");
        await _engine.PutAsync(rule);
        using (await SendAsync(rule, 77))
        {
        }

        await Eventually.Equals(1, () => _engine.Ends("gone", FlowEnd.Completed), "the end");
        await _engine.RemoveAsync("gone");
        await Eventually.Holds(() => _boots.Counted.All.Single().IsRetired, "the rule has stopped");
        for (var i = 0; i < 2; i++)
        {
            var first = await _told.ConnectAsync();
            Assert.Equal(77, Assert.Single(first.Rules).Traffic.BytesIn);
            await _told.DisconnectAsync();
        }

        var last = await _told.ConnectAsync(new SampleMark(_told.Reporter.Boot, 1));
        Assert.Empty(last.Rules);
        Assert.Empty(_boots.Counted.All);
    }

    [Fact]
    public async Task RemovedRule_ComesBackBeforeItWasCovered_CountsOn()
    {
        var rule = Rule("back");
        await _engine.PutAsync(rule);
        using (await SendAsync(rule, 50))
        {
        }

        await Eventually.Equals(1, () => _engine.Ends("back", FlowEnd.Completed), "the end");
        await _engine.RemoveAsync("back");
        await Eventually.Holds(() => _boots.Counted.All.Single().IsRetired, "the rule has stopped");
        await _engine.PutAsync(rule);
        await _told.ConnectAsync();
        using var peer = await SendAsync(rule, 7);
        await _told.UntilAsync(Id("back"), totals => totals.Traffic is { BytesIn: 57, FlowsOpened: 2, BytesOut: 57 });
    }

    [Fact]
    public async Task Connect_AfterTheControlPlaneWasRestored_TellsWhatItDoesNotHaveAnyMore()
    {
        var rule = Rule("told");
        await _engine.PutAsync(rule);
        await _told.ConnectAsync();
        using (await SendAsync(rule, 9))
        {
        }

        var look = await _told.UntilAsync(Id("told"), totals => totals.Traffic is { BytesOut: 9, FlowsActive: 0 });
        _told.Reporter.Cover(new SampleMark(_told.Reporter.Boot, look.Sequence));
        await _engine.RemoveAsync("told");
        await Eventually.Holds(() => _boots.Counted.All.Single().IsRetired, "the rule has stopped");
        await _told.DisconnectAsync();
        look = await _told.ConnectAsync(new SampleMark(_told.Reporter.Boot, 1));
        Assert.Equal(9, Assert.Single(look.Rules).Traffic.BytesIn);
    }

    [Fact]
    public async Task Rule_GivenToSomebodyElse_IsCountedForEachOwnerApart()
    {
        var (first, second) = (AccountId.New(), AccountId.New());
        var rule = Rule("passed on");
        await _engine.PutAsync(rule, owner: first);
        using var peer = await SendAsync(rule, 100);
        await Eventually.Equals(100, () => _engine.Sample("passed on").Traffic.BytesOut, "the count");
        await _engine.PutAsync(rule, owner: second);
        await peer.SendAsync(new byte[11]);
        await peer.ReceiveAsync(11);
        await Eventually.Equals(11, () => _engine.Sample("passed on").Traffic.BytesOut, "the count for the next owner");
        var rules = (await _told.ConnectAsync()).Rules.ToDictionary(told => told.Owner!.Value);
        Assert.Equal(new TrafficCount(100, 100, 1, 0), rules[first].Traffic);
        Assert.Equal(1, rules[first].Accepted);
        Assert.Null(rules[first].Targets);
        Assert.Equal(new TrafficCount(11, 11, 0, 1), rules[second].Traffic);
        Assert.Equal(111, Assert.Single(rules[second].Targets ?? []).Traffic.BytesIn);
        await _engine.PutAsync(rule, owner: first);
        await peer.SendAsync(new byte[1]);
        await peer.ReceiveAsync(1);
        var look = await _told.UntilAsync(Id("passed on"), first, told => told.Traffic.BytesOut == 101);
        Assert.Equal(new TrafficCount(101, 101, 1, 1), look.Traffic);
    }

    [Fact]
    public async Task RemovedRules_Covered_ManyOfThem_LeaveNoRecordsBehind()
    {
        await _told.ConnectAsync();
        for (var i = 0; i < 800; i++)
        {
            await _engine.PutAsync(Rule($"short {i}"));
            await _engine.RemoveAsync($"short {i}");
            var look = await _told.NextAsync();
            _told.Reporter.Cover(new SampleMark(_told.Reporter.Boot, look.Sequence));
        }

        await _told.NextAsync();
        Assert.Empty(_boots.Counted.All);
        // All at once they would take five segments; 256 are kept for rules that come back.
        Assert.Equal(2 * CounterFormat.SegmentBytes, new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path))).Length);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _told.DisposeAsync();
        await _engine.DisposeAsync();
        await _target.DisposeAsync();
        _boots.Dispose();
        _folder.Dispose();
    }

    private static RuleId Id(string name) => RuleId.FromName(name);

    private static string Name(RuleTotals rule) => rule.Rule == Id("one") ? "one" : "two";

    private static async Task<Peer> SendAsync(RuleSpec rule, int bytes)
    {
        var peer = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        await peer.SendAsync(new byte[bytes]);
        await peer.ReceiveAsync(bytes);
        return peer;
    }

    private RuleSpec Rule(string name) => RunningEngine.Rule(name, _target.Port);
}

using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Plans carried out by difference over UDP rules, whose flows need the port that they came by.</summary>
public sealed class UdpReconcileTests : IAsyncLifetime
{
    private readonly DatagramTarget _first = new(datagram => [[1, .. datagram.Payload]]);
    private readonly DatagramTarget _second = new(datagram => [[2, .. datagram.Payload]]);
    private readonly RunningEngine _engine = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Apply_TargetsChange_OldFlowStaysAndNewSourcesGoElsewhere()
    {
        var rule = Udp("moved", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        Assert.Equal([1, 7], await old.AskAsync(7));

        await _engine.PutAsync(rule with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = _second.Port }] });
        using var fresh = new DatagramPeer(Port(rule));
        Assert.Equal([2, 8], await fresh.AskAsync(8));
        Assert.Equal([1, 9], await old.AskAsync(9));
        Assert.Equal(2, _engine.Sample("moved").Traffic.FlowsActive);
    }

    [Fact]
    public async Task Apply_ChangeThatCuts_NextDatagramOpensANewFlow()
    {
        var rule = Udp("cut", _first);
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);

        await _engine.PutAsync(
            rule with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = _second.Port }] }, cut: new FlowOrder(_engine.NextRevision, null));
        Assert.Equal(1, _engine.Ends("cut", FlowEnd.Cut));
        Assert.Equal([2, 8], await source.AskAsync(8));
    }

    [Fact]
    public async Task Apply_ChangeThatDrains_BusyFlowLivesUntilTheDeadline()
    {
        var rule = Udp("drain", _first);
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);

        var deadline = DateTimeOffset.UtcNow.AddSeconds(1);
        await _engine.PutAsync(
            rule with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = _second.Port }] }, drain: new FlowOrder(_engine.NextRevision, deadline));
        // What is under way at that moment is lost, as datagrams may be, so nobody waits for one answer for ever.
        do
        {
            source.Send(8);
        }
        while (!source.Socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead) || (await source.ReceiveAsync()).Payload[0] == 1);

        Assert.True(DateTimeOffset.UtcNow >= deadline, "cut before the deadline");
        Assert.Equal(1, _engine.Ends("drain", FlowEnd.DrainDeadline));
    }

    [Fact]
    public async Task Apply_RuleRemoved_FlowGoesOnNewSourcesAreDroppedAndThePortIsGivenUpAfterTheLast()
    {
        var rule = Udp("gone", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(7);

        await _engine.RemoveAsync("gone");
        Assert.Equal(RuleStanding.Draining, _engine.Sample("gone").Outcome.Standing);
        Assert.Equal([1, 8], await old.AskAsync(8));
        // Some of them come to a socket of the port that has no flow.
        var fresh = Enumerable.Range(0, 20).Select(_ => new DatagramPeer(Port(rule))).ToList();
        fresh.ForEach(source => source.Send(9));
        await Eventually.Equals(20, () => _engine.Sample("gone").DropsIn.GetValueOrDefault(DatagramDrop.Draining), "the new sources are dropped");
        fresh.ForEach(source => source.Dispose());
        Assert.Throws<SocketException>(() => Bind(Port(rule)));

        // Five seconds of silence are enough for a flow that is waited for.
        await Eventually.Holds(() => _engine.Engine.Read().Rules.Count == 0, "the drained rule leaves");
        await Eventually.Holds(() => CanBind(Port(rule)), "its port is free");
    }

    [Fact]
    public async Task Apply_RemovedRuleWithoutFlows_FreesItsPortAtOnce()
    {
        var rule = Udp("gone", _first);
        await _engine.PutAsync(rule);
        await _engine.RemoveAsync("gone");
        Assert.True(CanBind(Port(rule)));
    }

    [Fact]
    public async Task Apply_RuleRenamed_ItsPortIsHandedOverWithItsFlow()
    {
        var rule = Udp("before", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(7);

        await _engine.RenameAsync("before", Udp("after", _second) with { ListenPort = rule.ListenPort });
        using var fresh = new DatagramPeer(Port(rule));
        Assert.Equal([2, 8], await fresh.AskAsync(8));
        Assert.Equal([1, 9], await old.AskAsync(9));
        Assert.Equal(1, _engine.Sample("after").Traffic.FlowsActive);
        Assert.Equal(RuleStanding.Draining, _engine.Sample("before").Outcome.Standing);
    }

    [Fact]
    public async Task Apply_PortOfADrainingRule_IsTakenOverByALaterPlan()
    {
        var rule = Udp("before", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(7);
        await _engine.RemoveAsync("before");

        var outcome = await _engine.PutAsync(Udp("after", _second) with { ListenPort = rule.ListenPort });
        Assert.Equal(RuleStanding.Listening, outcome.Standing);
        using var fresh = new DatagramPeer(Port(rule));
        Assert.Equal([2, 8], await fresh.AskAsync(8));
        Assert.Equal([1, 9], await old.AskAsync(9));
    }

    [Fact]
    public async Task Apply_RuleThatOverlapsADrainingPort_EndsTheDrainAndListens()
    {
        var rule = Udp("one", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(7);
        await _engine.RemoveAsync("one");
        Assert.Equal(RuleStanding.Draining, _engine.Sample("one").Outcome.Standing);

        var outcome = await _engine.PutAsync(Udp("all", _second) with { ListenPort = rule.ListenPort, ListenAddress = null });
        Assert.Equal(RuleStanding.Listening, outcome.Standing);
        Assert.Equal([2, 8], await old.AskAsync(8));
        await Eventually.Holds(() => _engine.Engine.Read().Rules.Count == 1, "the other rule has ended");
    }

    [Fact]
    public async Task Apply_RuleMovesToAnotherPort_FlowAtTheOldOneGoesOn()
    {
        var rule = Udp("moves", _first);
        await _engine.PutAsync(rule);
        using var old = new DatagramPeer(Port(rule));
        await old.AskAsync(7);

        var moved = rule with { ListenPort = FreePorts.Take() };
        Assert.Equal(RuleStanding.Listening, (await _engine.PutAsync(moved)).Standing);
        Assert.Equal([1, 8], await old.AskAsync(8));
        using var fresh = new DatagramPeer(Port(moved));
        Assert.Equal([1, 9], await fresh.AskAsync(9));
        var sample = _engine.Sample("moves");
        Assert.Equal((2, 3), (sample.Traffic.FlowsActive, sample.Traffic.DatagramsIn));

        // And back, while the flow is there still.
        Assert.Equal(RuleStanding.Listening, (await _engine.PutAsync(rule)).Standing);
        Assert.Equal([1, 10], await old.AskAsync(10));
        Assert.Equal(2, _engine.Sample("moves").Accepted);
    }

    [Fact]
    public async Task Apply_DisabledAndEnabledAgain_FlowGoesOnAsItWas()
    {
        var rule = Udp("again", _first);
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);
        await _engine.PutAsync(rule with { Enabled = false });
        Assert.Equal([1, 8], await source.AskAsync(8));
        await _engine.PutAsync(rule);
        Assert.Equal([1, 9], await source.AskAsync(9));
        Assert.Equal(1, _engine.Sample("again").Accepted);
    }

    [Fact]
    public async Task Apply_RuleExpires_CutsItsFlowAndFreesItsPort()
    {
        var rule = Udp("short", _first) with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(1) };
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);
        await Eventually.Holds(() => _engine.Engine.Read().Rules.Count == 0, "the expired rule stops");
        await Eventually.Holds(() => CanBind(Port(rule)), "its port is free");
    }

    [Fact]
    public async Task Stop_WithABusyFlow_WaitsForItAndCutsItAtTheEnd()
    {
        var rule = Udp("last", _first);
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);
        using var cut = new CancellationTokenSource();
        var stopping = _engine.Engine.StopAsync(TimeSpan.FromMinutes(5), cut.Token);
        Assert.Equal([1, 8], await source.AskAsync(8));
        await Eventually.Holds(() => _engine.Sample("last").Outcome.Standing == RuleStanding.Draining, "the rule drains");
        Assert.False(stopping.IsCompleted);

        await cut.CancelAsync();
        await Eventually.Within(stopping);
        Assert.Equal(1, _engine.Ends("last", FlowEnd.Shutdown));
        Assert.True(CanBind(Port(rule)));
    }

    [Fact]
    public async Task Stop_WithASilentFlow_WaitsSecondsAndNotItsIdleTime()
    {
        var rule = Udp("silent", _first) with { UdpIdleSeconds = 3600 };
        await _engine.PutAsync(rule);
        using var source = new DatagramPeer(Port(rule));
        await source.AskAsync(7);
        await Eventually.Within(_engine.Engine.StopAsync(TimeSpan.FromMinutes(5), CancellationToken.None));
        Assert.Equal(1, _engine.Ends("silent", FlowEnd.Idle));
    }

    private static RuleSpec Udp(string name, DatagramTarget target) => RunningEngine.Rule(name, target.Port) with { Protocol = "udp" };

    private static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool CanBind(int port)
    {
        try
        {
            Bind(port).Dispose();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Plans carried out by difference: what changes, what stays, what flows are told.</summary>
public sealed class ReconcileTests
{
    [Fact]
    public async Task Apply_AnotherRuleChanges_FlowAndListenerStay()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var kept = RunningEngine.Rule("kept", target.Port);
        var other = RunningEngine.Rule("other", target.Port);
        await engine.PutAsync(kept);
        await engine.PutAsync(other);
        using var peer = await Peer.ConnectAsync(Port(kept));
        await ExchangeAsync(peer);

        for (var i = 0; i < 20; i++)
        {
            await engine.PutAsync(other with { ListenPort = FreePorts.Take(), IdleSeconds = i });
            await ExchangeAsync(peer);
        }

        await engine.RemoveAsync("other");
        await ExchangeAsync(peer);
        Assert.Equal(1, engine.Sample("kept").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Apply_TargetsChange_OldFlowStaysAndNewOnesGoElsewhere()
    {
        await using var first = LoopbackTarget.Echo();
        await using var second = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("moved", first.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(old);

        await engine.PutAsync(rule with { Targets = [new TargetSpec { Host = "127.0.0.1", Port = second.Port }] });
        using var fresh = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(fresh);
        await ExchangeAsync(old);
        Assert.Equal(1, first.Count);
        Assert.Equal(1, second.Count);
        Assert.Equal(2, engine.Sample("moved").Traffic.FlowsActive);
    }

    [Fact]
    public async Task Apply_ChangeThatCuts_OldFlowIsResetAndNewOnesWork()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("cut", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(old);

        await engine.PutAsync(rule with { IdleSeconds = 9 }, cut: new FlowOrder(engine.NextRevision, null));
        await old.ReceiveToResetAsync();
        Assert.Equal(1, engine.Ends("cut", FlowEnd.Cut));
        using var fresh = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(fresh);
    }

    [Fact]
    public async Task Apply_ChangeThatDrains_OldFlowLivesUntilTheDeadline()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("drain", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(old);

        var order = new FlowOrder(engine.NextRevision, DateTimeOffset.UtcNow.AddHours(1));
        await engine.PutAsync(rule with { IdleSeconds = 9 }, drain: order);
        await ExchangeAsync(old);
        using var fresh = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(fresh);

        // The same order with a deadline that is soon, after what must be done before it.
        var deadline = DateTimeOffset.UtcNow.AddSeconds(1);
        await engine.PutAsync(rule with { IdleSeconds = 10 }, drain: order with { Deadline = deadline });
        await old.ReceiveToResetAsync();
        Assert.True(DateTimeOffset.UtcNow >= deadline, "cut before the deadline");
        Assert.Equal(1, engine.Ends("drain", FlowEnd.DrainDeadline));
        await ExchangeAsync(fresh);
    }

    [Fact]
    public async Task Apply_RuleRemoved_StopsAcceptingAndItsFlowFinishes()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("gone", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(peer);

        await engine.RemoveAsync("gone");
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        Assert.Equal(RuleStanding.Draining, engine.Sample("gone").Outcome.Standing);
        await ExchangeAsync(peer);
        peer.EndSending();
        Assert.Empty(await peer.ReceiveToEndAsync());
        await Eventually.Holds(() => engine.Engine.Read().Rules.Count == 0, "the drained rule leaves");
    }

    [Fact]
    public async Task Apply_RuleRenamed_ItsPortIsHandedOverAndNobodyIsRefused()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("before", target.Port);
        await engine.PutAsync(rule);
        using var stop = new CancellationTokenSource();
        var connecting = Task.Run(async () =>
        {
            var served = 0;
            while (!stop.IsCancellationRequested)
            {
                using var peer = await Peer.ConnectAsync(Port(rule));
                await ExchangeAsync(peer);
                served++;
            }

            return served;
        });

        for (var i = 0; i < 20; i++)
        {
            await engine.RenameAsync(i % 2 == 0 ? "before" : "after", rule with { Name = i % 2 == 0 ? "after" : "before" });
        }

        await stop.CancelAsync();
        Assert.True(await connecting > 0);
    }

    [Fact]
    public async Task Apply_RulesExchangePorts_BothListenAtOnce()
    {
        await using var first = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var a = RunningEngine.Rule("a", first.Port);
        var b = RunningEngine.Rule("b", first.Port);
        await engine.PutAsync(a);
        await engine.PutAsync(b);
        var outcomes = await engine.PutBothAsync(a with { ListenPort = b.ListenPort }, b with { ListenPort = a.ListenPort });
        Assert.All(outcomes, outcome => Assert.Equal(RuleStanding.Listening, outcome.Standing));
    }

    [Fact]
    public async Task Apply_Range_EachPortReachesItsOffset()
    {
        var targetPorts = FreePorts.Take(3);
        await using var one = LoopbackTarget.Echo(port: targetPorts);
        await using var two = LoopbackTarget.Echo(port: targetPorts + 1);
        await using var three = LoopbackTarget.Echo(port: targetPorts + 2);
        await using var engine = new RunningEngine();
        var first = FreePorts.Take(3);
        await engine.PutAsync(new RuleSpec
        {
            Name = "range",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 2}",
            Target = $"127.0.0.1:{targetPorts}-{targetPorts + 2}",
        });

        using var peer = await Peer.ConnectAsync(first + 1);
        await ExchangeAsync(peer);
        Assert.Equal([0, 1, 0], new[] { one.Count, two.Count, three.Count });
        var ports = engine.Sample("range").Ports;
        Assert.Equal(new PortSample(first + 1, new TrafficCount(1, 1, 1, 1)), ports[1]);
        Assert.Equal(0, ports[0].Traffic.BytesIn);
    }

    [Fact]
    public async Task Apply_RangeWithATakenPort_BindsNothingAndNamesThePort()
    {
        var first = FreePorts.Take(4);
        using var holder = Listen(first + 2);
        await using var engine = new RunningEngine();
        var outcome = await engine.PutAsync(new RuleSpec
        {
            Name = "range",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 3}",
            Target = "127.0.0.1:9000-9003",
        });

        Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, first + 2), (outcome.Standing, outcome.Refusal, outcome.Port));
        using var free = Listen(first);
    }

    [Fact]
    public async Task Apply_PortTaken_IsRetriedUntilItBinds()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("late", target.Port);
        var holder = Listen(Port(rule));
        var outcome = await engine.PutAsync(rule);
        Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse), (outcome.Standing, outcome.Refusal));

        holder.Dispose();
        await Eventually.Holds(() => engine.Sample("late").Outcome.Standing == RuleStanding.Listening, "the rule binds after all");
        using var peer = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(peer);
    }

    [Fact]
    public async Task Apply_PlanAgainOncePortIsFree_RefusedRuleBindsWithoutWaitingForItsRetry()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("again", target.Port);
        using (Listen(Port(rule)))
        {
            await engine.PutAsync(rule);
        }

        Assert.Equal(RuleStanding.Listening, Assert.Single(await engine.ApplyAsync()).Standing);
    }

    [Fact]
    public async Task Stop_WhileARemovedRuleDrains_ItsDeadlineHolds()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var (gone, kept) = (RunningEngine.Rule("gone", target.Port), RunningEngine.Rule("kept", target.Port));
        await engine.PutAsync(gone);
        await engine.PutAsync(kept with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(1.5) });
        using var first = await Peer.ConnectAsync(Port(gone));
        using var second = await Peer.ConnectAsync(Port(kept));
        await ExchangeAsync(first);
        await ExchangeAsync(second);

        await engine.BuryAsync("gone", drain: new FlowOrder(engine.NextRevision, DateTimeOffset.UtcNow.AddSeconds(1)));
        using var cut = new CancellationTokenSource();
        var stopping = engine.Engine.StopAsync(TimeSpan.FromMinutes(5), cut.Token);
        await first.ReceiveToResetAsync();
        await second.ReceiveToResetAsync();
        await Eventually.Within(stopping);
    }

    [Fact]
    public async Task Apply_AddressNotHere_IsRefusedAsSuch()
    {
        await using var engine = new RunningEngine();
        // TEST-NET-1 (RFC 5737) is on no machine.
        var outcome = await engine.PutAsync(RunningEngine.Rule("elsewhere", 9) with { ListenAddress = "192.0.2.1" });
        Assert.Equal(BindRefusal.NoSuchAddress, outcome.Refusal);
    }

    [Fact]
    public async Task Apply_SamePlanTwice_ChangesNothing()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("same", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(peer);
        await engine.ApplyAsync();
        await engine.ApplyAsync();
        await ExchangeAsync(peer);
        Assert.Equal(RuleStanding.Listening, engine.Sample("same").Outcome.Standing);
    }

    [Fact]
    public async Task Apply_RuleExpires_StopsListeningAndCuts()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("short", target.Port) with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(1.5) };
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await ExchangeAsync(peer);
        await peer.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Engine.Read().Rules.Count == 0, "the expired rule stops");
    }

    [Fact]
    public async Task Restart_WithConnectionsInTimeWait_BindsAtOnce()
    {
        await using var target = LoopbackTarget.Echo();
        var rule = RunningEngine.Rule("again", target.Port);
        for (var i = 0; i < 3; i++)
        {
            await using var engine = new RunningEngine();
            Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
            using var peer = await Peer.ConnectAsync(Port(rule));
            await ExchangeAsync(peer);
        }
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private static async Task ExchangeAsync(Peer peer)
    {
        await peer.SendAsync("x"u8.ToArray());
        await peer.ReceiveAsync(1);
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

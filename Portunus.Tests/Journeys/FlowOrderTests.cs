using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What live flows are told: keep, drain, cut, when their rule changes, stops, comes back or is told so later.</summary>
public sealed class FlowOrderTests
{
    [Fact]
    public async Task Disabled_WithoutFurtherWord_DrainsAndComesBackWithItsFlowAndCounters()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("rest", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());

        Assert.Equal(RuleStanding.Draining, (await engine.PutAsync(rule with { Enabled = false })).Standing);
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        Assert.True(await live.EchoesAsync());

        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.True(await live.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.Equal(2, engine.Sample("rest").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Disabled_NoFlows_IsStopped()
    {
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("rest", 9);
        await engine.PutAsync(rule);
        Assert.Equal(RuleStanding.Stopped, (await engine.PutAsync(rule with { Enabled = false })).Standing);
    }

    [Fact]
    public async Task Tombstone_ThatCuts_FlowsAreResetAtOnce()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("grave", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await engine.BuryAsync("grave", cut: new FlowOrder(engine.NextRevision, null));
        await live.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Engine.Read().Rules.Count == 0, "nothing is left of it");
    }

    [Fact]
    public async Task Tombstone_ThatDrains_FlowsAreCutAtTheDeadline()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("grave", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        var deadline = DateTimeOffset.UtcNow.AddSeconds(1.5);
        await engine.BuryAsync("grave", drain: new FlowOrder(engine.NextRevision, deadline));
        Assert.True(await live.EchoesAsync());
        await live.ReceiveToResetAsync();
        Assert.True(DateTimeOffset.UtcNow >= deadline, "cut before the deadline");
    }

    [Fact]
    public async Task Tombstone_AfterARuleWasDisabled_ItsOrderReachesTheDrainingFlows()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("grave", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await engine.PutAsync(rule with { Enabled = false }, drain: new FlowOrder(engine.NextRevision, DateTimeOffset.UtcNow.AddMinutes(5)));
        Assert.True(await live.EchoesAsync());

        await engine.BuryAsync("grave", cut: new FlowOrder(engine.NextRevision, null));
        await live.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Engine.Read().Rules.Count == 0, "nothing is left of it");
    }

    [Fact]
    public async Task Expired_WithAnOldOrderForEarlierFlows_CutsAllOfThem()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("short", target.Port) with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(2) };
        await engine.PutAsync(rule, drain: new FlowOrder(engine.NextRevision, DateTimeOffset.UtcNow.AddMinutes(5)));
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await live.ReceiveToResetAsync();
        await Eventually.Holds(() => engine.Engine.Read().Rules.Count == 0, "the expired rule stops");
    }

    [Fact]
    public async Task Removed_WithAnOrderThatMeansEarlierFlowsOnly_TheOthersDrainAsWell()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("part", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await engine.BuryAsync("part", cut: new FlowOrder(1, null));
        Assert.True(await live.EchoesAsync());
        Assert.Equal(RuleStanding.Draining, engine.Sample("part").Outcome.Standing);
        await engine.BuryAsync("part", cut: new FlowOrder(engine.NextRevision, null));
        await live.ReceiveToResetAsync();
    }

    [Fact]
    public async Task Cut_FlowsOfALaterRevision_Stay()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("later", target.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());
        await engine.PutAsync(rule with { IdleSeconds = 100 });
        var second = engine.NextRevision - 2;
        using var young = await Peer.ConnectAsync(Port(rule));
        Assert.True(await young.EchoesAsync());

        await engine.PutAsync(rule with { IdleSeconds = 200 }, cut: new FlowOrder(second, null));
        await old.ReceiveToResetAsync();
        Assert.True(await young.EchoesAsync());
        Assert.Equal(1, engine.Ends("later", FlowEnd.Cut));
    }

    [Fact]
    public async Task Apply_LowerRevision_IsIgnored()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("stays", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        engine.Unplan("stays");
        await engine.ApplyAtAsync(engine.NextRevision - 2);
        Assert.True(await live.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        await engine.ApplyAtAsync(engine.NextRevision);
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
    }

    [Fact]
    public async Task Apply_PortMoves_OldFlowStaysAndOnlyTheNewPortListens()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("moves", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        var moved = rule with { ListenPort = FreePorts.Take() };
        await engine.PutAsync(moved);
        Assert.True(await live.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(Port(moved)));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        Assert.Equal(2, engine.Sample("moves").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Apply_PortMovesToATakenOne_IsRefusedAndItsFlowStays()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("moves", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        await using var other = LoopbackTarget.Echo();
        var outcome = await engine.PutAsync(rule with { ListenPort = other.Port });
        Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, other.Port), (outcome.Standing, outcome.Refusal, outcome.Port));
        Assert.True(await live.EchoesAsync());
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.True(await live.EchoesAsync());
    }

    [Fact]
    public async Task Apply_AddressWidenedToAllOnTheSamePort_ListensInTheSamePlan()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("wide", target.Port);
        await engine.PutAsync(rule);
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule with { ListenAddress = null })).Standing);
        Assert.True(await Peer.IsServedAsync(Port(rule), IPAddress.IPv6Loopback));
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    [Fact]
    public async Task Apply_ChangeAsksForWhatIsNotServed_IsRefusedAndNothingIsForwarded()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("sni", target.Port);
        await engine.PutAsync(rule);
        var outcome = await engine.PutAsync(rule with { Sni = ["example.org"] });
        Assert.Equal((RuleStanding.Refused, BindRefusal.NotSupported), (outcome.Standing, outcome.Refusal));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(rule)).Standing);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    [Fact]
    public async Task Apply_TwoHundredRandomPlans_UntouchedRulesLoseNoByteAndTheUpkeepLives()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var kept = Enumerable.Range(0, 3).Select(number => RunningEngine.Rule($"kept {number}", target.Port)).ToList();
        foreach (var rule in kept)
        {
            await engine.PutAsync(rule);
        }

        using var stop = new CancellationTokenSource();
        var streams = kept.Select(rule => Task.Run(() => CompareAsync(Port(rule), stop.Token))).ToList();

        var random = new Random(20_26);
        var ports = Enumerable.Range(0, 6).Select(_ => FreePorts.Take()).ToList();
        for (var plan = 0; plan < 200; plan++)
        {
            var free = new Queue<int>(ports.OrderBy(_ => random.Next()));
            for (var number = 0; number < 4; number++)
            {
                if (random.Next(3) == 0)
                {
                    engine.Unplan($"other {number}");
                    continue;
                }

                engine.Plan(RunningEngine.Rule($"other {number}", target.Port) with
                {
                    ListenPort = free.Dequeue(),
                    Enabled = random.Next(5) > 0,
                    IdleSeconds = random.Next(3),
                    Limits = random.Next(2) == 0 ? null : new LimitSpec { BytesPerSecondIn = 1 + random.Next(1_000_000) },
                });
            }

            var outcomes = await engine.ApplyAsync();
            Assert.All(outcomes, outcome => Assert.NotEqual(RuleStanding.Refused, outcome.Standing));
            var listening = engine.Engine.Read().Rules.FirstOrDefault(rule => rule.Name.StartsWith("other", StringComparison.Ordinal) && rule.Outcome.Standing == RuleStanding.Listening);
            if (listening is not null)
            {
                // A flow of a changing rule, left to its fate.
                using var passing = await Peer.ConnectAsync(listening.Ports[0].Port);
                await passing.SendAsync("x"u8.ToArray());
            }
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(streams), rounds => Assert.True(rounds > 0));
        Assert.All(kept, rule => Assert.Equal(1, engine.Sample(rule.Name ?? "").Traffic.FlowsOpened));

        // The upkeep is still there to bind what was refused.
        var taken = RunningEngine.Rule("taken", target.Port);
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, Port(taken)));
        holder.Listen();
        Assert.Equal(RuleStanding.Refused, (await engine.PutAsync(taken)).Standing);
        holder.Dispose();
        await Eventually.Holds(() => engine.Sample("taken").Outcome.Standing == RuleStanding.Listening, "the upkeep binds it");
    }

    /// <summary>Sends and compares what comes back, until told to stop; answers how many rounds.</summary>
    private static async Task<int> CompareAsync(int port, CancellationToken stop)
    {
        using var peer = await Peer.ConnectAsync(port);
        var random = new Random(port);
        var rounds = 0;
        while (!stop.IsCancellationRequested)
        {
            var sent = new byte[1 + random.Next(200_000)];
            random.NextBytes(sent);
            var back = peer.ReceiveAsync(sent.Length);
            await peer.SendAsync(sent);
            Assert.Equal(sent, await back);
            rounds++;
        }

        return rounds;
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

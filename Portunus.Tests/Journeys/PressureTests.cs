using System.Diagnostics;
using System.Security.Cryptography;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Descriptors and pipes run out, accept fails in every way: live flows go on, nothing spins, and it passes.</summary>
public sealed class PressureTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Descriptors_RunOut_LiveFlowGoesOnNothingSpinsAndItRecovers(int loops)
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync(loops);
        var rule = RunningEngine.Rule("ceiling", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());
        // Warm, so that nothing needs to be loaded from files once there are no descriptors.
        using (var other = await Peer.ConnectAsync(Port(rule)))
        {
            await other.SendAsync(new byte[1_000_000]);
            await other.ReceiveAsync(1_000_000);
        }

        await engine.EventuallyAsync("ceiling", look => look.Active == 1, "only the live flow is left");
        var most = (await engine.LookAsync("ceiling")).Descriptors + 3;
        await engine.LimitDescriptorsAsync(most);

        var waiting = new List<Task<bool>>();
        for (var i = 0; i < 20; i++)
        {
            waiting.Add(Peer.IsServedAsync(Port(rule)));
        }

        // Reads, too, cost a descriptor, and are answered all the same.
        await engine.EventuallyAsync("ceiling", look => look.AcceptErrors > 0 || look.Ends.ContainsKey(nameof(FlowEnd.OutOfDescriptors)), "the ceiling is hit");
        var before = (await engine.LookAsync("ceiling")).AcceptErrors;
        var spent = engine.Spent;
        var watch = Stopwatch.StartNew();
        using var held = new Held();
        await held.FillAsync(Port(rule), 12);
        while (watch.Elapsed < TimeSpan.FromSeconds(2))
        {
            Assert.True(await live.EchoesAsync());
            await Task.Delay(20);
        }

        // Back-off starts at 50 ms and doubles to a second, on each loop.
        Assert.InRange((await engine.LookAsync("ceiling")).AcceptErrors - before, 0, 40 * loops);
        Assert.True(engine.Spent - spent < watch.Elapsed / 2, "it spins");
        Assert.True(await live.EchoesAsync());

        await engine.LimitDescriptorsAsync(4096);
        await Task.WhenAll(waiting);
        held.Dispose();
        await engine.EventuallyAsync("ceiling", look => look.Active == 1, "the others have ended");
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.True(await live.EchoesAsync());
        var end = await engine.EventuallyAsync("ceiling", look => look.Active == 1, "the last has ended");
        Assert.Equal(end.Accepted, end.Ends.Values.Sum() + 1);
        Assert.True(end.Ends[nameof(FlowEnd.OutOfDescriptors)] > 0);
    }

    [Fact]
    public async Task Descriptors_TooFewForARange_IsRefusedAsAWholeAndNoneIsLost()
    {
        await using var engine = await HostedEngine.StartAsync();
        var first = FreePorts.Take(300);
        await engine.PutAsync(RunningEngine.Rule("one", 9));
        var before = (await engine.LookAsync("")).Descriptors;
        await engine.LimitDescriptorsAsync(before + 100);
        var range = new RuleSpec { Name = "range", ListenAddress = "127.0.0.1", ListenPorts = $"{first}-{first + 299}", Targets = [new TargetSpec { Host = "127.0.0.1", Port = 9 }] };
        var outcome = await engine.PutAsync(range);
        Assert.Equal(("Refused", "OutOfDescriptors"), (outcome.Standing, outcome.Refusal));
        Assert.InRange(outcome.Port, first + 1, first + 101);
        // At the moment of the next attempt it may have more.
        await engine.EventuallyAsync("", look => Math.Abs(look.Descriptors - before) <= 3, "what was bound is closed");

        await engine.LimitDescriptorsAsync(4096);
        await engine.EventuallyAsync("range", look => look.Standing == "Listening", "the range binds once there are descriptors");
    }

    [StraceFact]
    public async Task Accept_ConnectionAborted_CostsThatConnectionOnlyAndNoPause() => await AcceptFailsAsync("ECONNABORTED", "1..5", errors: 5);

    [StraceFact]
    public async Task Accept_ProtocolError_CostsThatConnectionOnly() => await AcceptFailsAsync("EPROTO", "1..3", errors: 3);

    [StraceFact]
    public async Task Accept_NoMemory_IsTriedAgainAfterAPause() => await AcceptFailsAsync("ENOBUFS", "1..2", errors: 2);

    [StraceFact]
    public async Task Accept_ListenerDied_IsBoundAnew() => await AcceptFailsAsync("EINVAL", "1", errors: 1);

    [StraceFact]
    public async Task Bind_NoLoopCanWatchTheListener_RuleIsRefusedAndTriedAgainLater()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("unwatched", target.Port);
        using (var strace = await Strace.FailAsync(engine.Pid, "epoll_ctl", "ENOSPC", "1+"))
        {
            Assert.Equal("Refused", (await engine.PutAsync(rule)).Standing);
            Assert.Single(await strace.StopAsync());
        }

        await engine.EventuallyAsync("unwatched", look => look.Standing == "Listening", "the rule is tried again");
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    [StraceFact]
    public async Task Accept_ListenerCannotBeWatchedAgainAfterAPause_IsTriedUntilItCan()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("watch", target.Port);
        await engine.PutAsync(rule);
        // The first change of epoll is the listener's leaving, the second its return.
        using var strace = await Strace.FailAsync(engine.Pid, ("accept4", "EMFILE", "1"), ("epoll_ctl", "ENOMEM", "2"));
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        var calls = await strace.StopAsync();
        Assert.Contains(calls, call => call.Name == "epoll_ctl" && call.Result == -1);
    }

    [StraceFact]
    public async Task Splice_NotPossibleBetweenTheseTwo_BytesAreCopied()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("copied", target.Port);
        await engine.PutAsync(rule);
        using var strace = await Strace.FailAsync(engine.Pid, "splice", "EINVAL", "1+");
        await EchoBulkAsync(Port(rule), 5_000_000);
        var calls = await strace.StopAsync();
        Assert.Contains(calls, call => call.Name == "splice");
        Assert.All(calls, call => Assert.Equal(-1, call.Result));
    }

    [StraceFact]
    public async Task Pipe_NoneToBeHad_BytesAreCopied()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("copied", target.Port) with { Limits = new LimitSpec { BytesPerSecondIn = 100_000_000 } };
        await engine.PutAsync(rule);
        using var strace = await Strace.FailAsync(engine.Pid, "pipe2", "EMFILE", "1+");
        await EchoBulkAsync(Port(rule), 5_000_000);
        var calls = await strace.StopAsync();
        Assert.NotEmpty(calls);
    }

    [UnprivilegedFact]
    public async Task Pipes_ManyBulkFlowsOfAUserWithoutRights_EveryByteArrives()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync(2, UnprivilegedFactAttribute.Wrapper);
        var rule = RunningEngine.Rule("many", target.Port);
        await engine.PutAsync(rule);
        await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => EchoBulkAsync(Port(rule), 1_000_000)));
        var end = await engine.EventuallyAsync("many", look => look.Active == 0, "all flows end");
        Assert.Equal(150, end.Ends[nameof(FlowEnd.Completed)]);
    }

    [UnprivilegedFact]
    public async Task Pipes_MemoryOfTheUserIsUsedUp_EveryByteArrivesAllTheSame()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync(2, UnprivilegedFactAttribute.Wrapper);
        var rule = RunningEngine.Rule("short", target.Port);
        var capped = RunningEngine.Rule("capped", target.Port) with { Limits = new LimitSpec { BytesPerSecondIn = 100_000_000, BytesPerSecondOut = 100_000_000 } };
        await engine.PutAsync(rule);
        await engine.PutAsync(capped);
        Assert.InRange(await engine.HogPipesAsync(), 4096, 8192);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(number => EchoBulkAsync(Port(number % 2 == 0 ? rule : capped), 1_000_000)));
        await engine.EventuallyAsync("short", look => look.Ends.GetValueOrDefault(nameof(FlowEnd.Completed)) == 20, "all flows complete");
    }

    private static async Task AcceptFailsAsync(string error, string when, int errors)
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("failing", target.Port);
        await engine.PutAsync(rule);
        using var live = await Peer.ConnectAsync(Port(rule));
        Assert.True(await live.EchoesAsync());

        using var strace = await Strace.FailAsync(engine.Pid, "accept4", error, when);
        await Eventually.Holds(
            () => IsServedOrRefusedAsync(Port(rule)).GetAwaiter().GetResult(), "connections are served again");
        var look = await engine.EventuallyAsync("failing", look => look.AcceptErrors >= errors, "each failure is counted");
        Assert.Equal(errors, look.AcceptErrors);
        Assert.Equal("Listening", look.Standing);
        Assert.True(await live.EchoesAsync());
        await strace.StopAsync();
    }

    private static async Task<bool> IsServedOrRefusedAsync(int port)
    {
        try
        {
            return await Peer.IsServedAsync(port);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private static async Task EchoBulkAsync(int port, int bytes)
    {
        using var peer = await Peer.ConnectAsync(port);
        var sent = RandomNumberGenerator.GetBytes(bytes);
        var back = peer.ReceiveAsync(bytes);
        await peer.SendAsync(sent);
        Assert.Equal(sent, await back);
        peer.EndSending();
        Assert.Empty(await peer.ReceiveToEndAsync());
    }

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    /// <summary>Connections that are opened and left alone.</summary>
    private sealed class Held : IDisposable
    {
        private readonly List<Peer> _peers = [];

        public async Task FillAsync(int port, int count)
        {
            for (var i = 0; i < count; i++)
            {
                try
                {
                    _peers.Add(await Peer.ConnectAsync(port));
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // Reset as soon as it was there.
                }
            }
        }

        public void Dispose()
        {
            _peers.ForEach(peer => peer.Dispose());
            _peers.Clear();
        }
    }
}

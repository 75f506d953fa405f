using System.Net;
using System.Text.Json;
using Portunus.Edge.Limits;
using Portunus.Edge.Loop;
using Portunus.Edge.Memory;
using Portunus.Edge.Native;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.House;

/// <summary>
/// Bytes allocated on the managed heap for one operation of the path, against AllocationLedger.json. A figure above the ledger
/// fails; one that is meant to grow is written there, where a reader of the change sees it.
/// </summary>
public sealed class AllocationTests
{
    private static readonly Dictionary<string, double> s_ledger = JsonSerializer.Deserialize<Dictionary<string, double>>(
        File.ReadAllText(Path.Combine(HouseRoot.Folder, "Portunus.Tests/House/AllocationLedger.json"))) ?? [];

    [Fact]
    public void Ledger_EveryLine_IsMeasured()
    {
        var source = File.ReadAllText(Path.Combine(HouseRoot.Folder, "Portunus.Tests/House/AllocationTests.cs"));
        Assert.All(s_ledger.Keys, name => Assert.Contains($"\"{name}\"", source));
    }

    [Fact]
    public void TokenGrant_AndReturn_AllocateNothing()
    {
        var rule = new BucketCell { Bucket = new TokenBucket(1_000_000, 1_000_000, 0) };
        var owner = new BucketCell { Bucket = new TokenBucket(500_000, 500_000, 0) };
        var limits = new ByteLimits(owner, rule);
        var flows = RuleLimits.Build(new LimitSpec { NewFlowsPerSecond = 100, ConcurrentFlows = 10 }, null, null, 0).Flows;
        Measure("token_grant", now =>
        {
            limits.Return(limits.Take(65536, now) / 2);
            limits.TakeWhole(1200, now);
            limits.Pause(now);
            limits.Resume();
            if (flows.TryOpen(now, 5) == FlowRefusal.None)
            {
                flows.Close();
            }
        });
    }

    [Fact]
    public void CidrLookup_AllocatesNothing()
    {
        var spec = RuleCheck.Check(RunningEngine.Rule("acl", 9) with { Allow = ["10.0.0.0/8", "2001:db8::/32"], Deny = ["10.1.2.0/24"] }).Rule;
        var access = new SourceAccess(spec?.Allow, spec?.Deny);
        var (four, six) = (SockAddr.From(IPAddress.Parse("10.1.2.3"), 1), SockAddr.From(IPAddress.Parse("2001:db8::7"), 1));
        Measure("cidr_lookup", _ => Assert.True(!access.Allows(four) && access.Allows(six)));
    }

    [Fact]
    public void Timer_ArmedMovedAndDue_AllocatesNothing()
    {
        var wheel = new TimerWheel(0);
        var owner = new Owner();
        var timer = new LoopTimer(owner);
        Action<ITimed, Exception> onFault = (_, error) => throw error;
        Measure("timer", now =>
        {
            wheel.Arm(timer, now, 300 * TimeSpan.TicksPerMillisecond);
            wheel.Arm(timer, now, 5 * TimeSpan.TicksPerMillisecond);
            wheel.Advance(now + (20 * TimeSpan.TicksPerMillisecond), onFault);
            wheel.NextDue();
        });
        Assert.True(owner.Count > 0);
    }

    [Fact]
    public void Pipe_RentedAndReturned_AllocatesNothing()
    {
        using var pool = new PipePool();
        Measure("pipe_rent", now =>
        {
            if (pool.Rent(large: true, now) is { } large)
            {
                pool.Return(large);
            }
        });
    }

    [Fact]
    public async Task CopyTurn_SmallExchanges_AllocateNothing()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("small", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        await MeasureAsync("copy_turn", engine, 5000, async count =>
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(await peer.EchoesAsync());
            }
        });
    }

    [Fact]
    public async Task Splice_Bulk_AllocatesNothing() => await MeasureBulkAsync("spliced_mebibyte", null);

    [Fact]
    public async Task Splice_Capped_AllocatesNothing() =>
        await MeasureBulkAsync("capped_mebibyte", new LimitSpec { BytesPerSecondIn = 200_000_000, BurstBytesIn = 20_000_000 });

    [Fact]
    public async Task Connection_OpenedServedAndClosed_AllocatesNothingOnceThePoolIsWarm()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("brief", target.Port) with { Limits = new LimitSpec { ConcurrentFlows = 1000, NewFlowsPerSecond = 100_000 } };
        await engine.PutAsync(rule);
        await MeasureAsync("connection", engine, 2000, async count =>
        {
            for (var i = 0; i < count; i++)
            {
                Assert.True(await Peer.IsServedAsync(Port(rule)));
            }
        });
    }

    [Fact]
    public async Task Datagrams_ThereAndBack_AllocateNothing()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("datagrams", target.Port) with { Protocol = "udp", ListenAddress = null, Limits = new LimitSpec { BytesPerSecondOut = 1_000_000_000 } };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var payload = new byte[1200];
        await MeasureAsync("datagram", engine, 6000, async count =>
        {
            for (var sent = 0; sent < count; sent += 30)
            {
                for (var i = 0; i < 30; i++)
                {
                    peer.Send(payload);
                }

                for (var i = 0; i < 30; i++)
                {
                    await peer.ReceiveAsync();
                }
            }
        });
    }

    private static async Task MeasureBulkAsync(string name, LimitSpec? limits)
    {
        await using var target = new LoopbackTarget();
        await using var engine = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("bulk", target.Port) with { Limits = limits };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync(Port(rule));
        var up = await target.AcceptedAsync();
        var block = new byte[1024 * 1024];
        await MeasureAsync(name, engine, 300, async count =>
        {
            var receiving = ReceiveAsync(up, (long)count * block.Length);
            for (var i = 0; i < count; i++)
            {
                await down.SendAsync(block);
            }

            await receiving;
        });
    }

    private static async Task ReceiveAsync(Peer peer, long bytes)
    {
        var block = new byte[1024 * 1024];
        while (bytes > 0)
        {
            var received = await Eventually.Within(peer.Socket.ReceiveAsync(block));
            Assert.True(received > 0, "the connection ended early");
            bytes -= received;
        }
    }

    /// <summary>On this thread: warm once, then many times.</summary>
    private static void Measure(string name, Action<long> operation)
    {
        const int Count = 10_000;
        var now = 0L;
        for (var i = 0; i < 100; i++)
        {
            operation(now += 30 * TimeSpan.TicksPerMillisecond);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Count; i++)
        {
            operation(now += 30 * TimeSpan.TicksPerMillisecond);
        }

        Compare(name, GC.GetAllocatedBytesForCurrentThread() - before, Count, slack: 0);
    }

    /// <summary>
    /// In the engine's own process, all its threads together: a warm round, then one that is measured, less what asking costs.
    /// </summary>
    private static async Task MeasureAsync(string name, HostedEngine engine, int count, Func<int, Task> operations)
    {
        await operations(count / 4);
        await engine.AllocatedAsync();
        var first = await engine.AllocatedAsync();
        var before = await engine.AllocatedAsync();
        await operations(count);
        // A thread's allocation context is handed out in pieces of 8 KiB, which the total may count whole.
        Compare(name, await engine.AllocatedAsync() - before - (before - first), count, slack: 32 * 1024);
    }

    private static void Compare(string name, long bytes, int count, long slack) => Assert.True(
        bytes <= (s_ledger[name] * count) + slack, $"{name}: {(double)bytes / count:F1} bytes each, {s_ledger[name]} in the ledger");

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    private sealed class Owner : ITimed
    {
        public int Count { get; private set; }

        public void TimerDue(LoopTimer timer, long now) => Count++;

        public void Fault(Exception error) => throw error;
    }
}

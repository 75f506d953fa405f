using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What the kernel is asked for: payload of bulk flows passes by splice, capped or not.</summary>
public sealed class ZeroCopyTests
{
    private const int Megabytes = 24;

    [StraceFact]
    public async Task Bulk_Capped_PassesBySpliceAndNoPayloadIsReceived() => await WatchAsync(
        new LimitSpec { BytesPerSecondIn = 20_000_000, BurstBytesIn = 2_000_000 }, mostReceived: 0);

    [StraceFact]
    public async Task Bulk_Uncapped_PassesBySpliceAfterTheFirstReads() => await WatchAsync(null, mostReceived: 1_000_000);

    private static async Task WatchAsync(LimitSpec? limits, long mostReceived)
    {
        await using var target = new LoopbackTarget();
        await using var engine = await HostedEngine.StartAsync(loops: 1);
        var rule = RunningEngine.Rule("watched", target.Port) with { Limits = limits };
        Assert.Equal("Listening", (await engine.PutAsync(rule)).Standing);

        using var strace = await Strace.AttachAsync(
            engine.Pid, "accept4", "connect", "splice", "recvfrom", "recvmsg", "read", "readv", "sendto", "sendmsg", "write", "writev", "sendfile");
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var up = await target.AcceptedAsync();
        var taking = up.ReceiveToEndAsync();
        var block = new byte[1024 * 1024];
        for (var i = 0; i < Megabytes; i++)
        {
            await down.SendAsync(block);
        }

        down.EndSending();
        Assert.Equal(Megabytes * block.Length, (await taking).Length);
        var calls = await strace.StopAsync();

        var accepted = (int)Assert.Single(calls, call => call.Name == "accept4" && call.Result >= 0).Result;
        var connected = calls.First(call => call.Name == "connect").FirstFd;
        var copied = calls.Where(call => call.Name is not ("splice" or "accept4" or "connect") && call.FirstFd == accepted && call.Result > 0).ToList();
        Assert.True(copied.Sum(call => call.Result) <= mostReceived, $"{copied.Count} calls copied {copied.Sum(call => call.Result)} bytes: {copied.FirstOrDefault()}");
        Assert.True(
            calls.Where(call => call.Name is not ("splice" or "accept4" or "connect") && call.FirstFd == connected).Sum(call => Math.Max(0, call.Result)) <= mostReceived);
        var spliced = calls.Where(call => call.Name == "splice" && call.FirstFd == accepted).Sum(call => Math.Max(0, call.Result));
        Assert.InRange(spliced, (Megabytes * block.Length) - mostReceived, Megabytes * block.Length);
    }
}

using System.Net.Sockets;
using System.Security.Cryptography;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>
/// An urgent byte (tcp(7), MSG_OOB) stops splice for good: the kernel only steps over it in a read. Whoever sends one must neither
/// hold the flow up nor make its end look early.
/// </summary>
public sealed class UrgentBytesTests
{
    private static readonly LimitSpec s_cap = new() { BytesPerSecondIn = 50_000_000, BurstBytesIn = 50_000_000 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_UrgentByteAmidTheStream_WhatFollowsArrives(bool capped)
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("urgent", target.Port) with { Limits = capped ? s_cap : null };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var up = await target.AcceptedAsync();

        // Enough that an uncapped flow splices by then.
        var before = RandomNumberGenerator.GetBytes(1_000_000);
        var arriving = up.ReceiveAsync(before.Length);
        await down.SendAsync(before);
        Assert.Equal(before, await arriving);

        Assert.Equal(1, down.Socket.Send("!"u8.ToArray(), SocketFlags.OutOfBand));
        await down.SendAsync("after"u8.ToArray());
        Assert.Equal("after"u8.ToArray(), await up.ReceiveAsync(5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Relay_UrgentByteAndTheEndBehindIt_NothingAfterItIsLost(bool capped)
    {
        await using var target = new LoopbackTarget(receiveBuffer: 8192);
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("urgent", target.Port) with { Limits = capped ? s_cap : null };
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var up = await target.AcceptedAsync();

        // The target reads only once everything, the end included, lies behind the urgent byte.
        var before = RandomNumberGenerator.GetBytes(6_000_000);
        var after = RandomNumberGenerator.GetBytes(10_000);
        var sending = Task.Run(async () =>
        {
            await down.SendAsync(before);
            down.Socket.Send("!"u8.ToArray(), SocketFlags.OutOfBand);
            await down.SendAsync(after);
            down.EndSending();
        });
        await Eventually.Holds(() => engine.Sample("urgent").Traffic.BytesIn > 0, "the flow moves");
        var got = await up.ReceiveToEndAsync();
        await sending;
        Assert.Equal(before.Length + after.Length, got.Length);
        Assert.Equal(SHA256.HashData([.. before, .. after]), SHA256.HashData(got));
    }
}

using System.Security.Cryptography;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Bulk directions wake for many bytes at a time; nothing may stay behind for that.</summary>
public sealed class BulkTests
{
    private const int Mib = 1024 * 1024;

    /// <summary>
    /// The sender falls silent in the middle, keeps the connection open and waits for an answer: a level of the socket that nobody
    /// lowers would hang both for ever.
    /// </summary>
    [Fact]
    public async Task Bulk_SenderFallsSilent_TheRemainderArrives()
    {
        var received = new SemaphoreSlim(0);
        var expected = 0L;
        await using var target = new LoopbackTarget(async peer =>
        {
            var buffer = new byte[256 * 1024];
            while (true)
            {
                var count = await peer.Socket.ReceiveAsync(buffer, System.Net.Sockets.SocketFlags.None);
                if (count == 0)
                {
                    return;
                }

                if (Interlocked.Add(ref expected, -count) == 0)
                {
                    received.Release();
                }
            }
        });
        await using var engine = new RunningEngine(loops: 1);
        var rule = RunningEngine.Rule("bulk", target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var block = RandomNumberGenerator.GetBytes(Mib);
        for (var round = 1; round <= 6; round++)
        {
            // An odd size, so that no level divides it.
            var size = ((8L + (8 * round)) * Mib) + (round * 7_777);
            Interlocked.Add(ref expected, size);
            for (var left = size; left > 0; left -= block.Length)
            {
                await down.SendAsync(block.AsMemory(0, (int)Math.Min(left, block.Length)));
            }

            Assert.True(await received.WaitAsync(TimeSpan.FromSeconds(20)), $"{Interlocked.Read(ref expected)} bytes of round {round} stay behind");
        }
    }

    [Fact]
    public async Task Bulk_CapComesWhileRaised_TheRemainderArrivesUnderTheCap()
    {
        await using var target = new LoopbackTarget();
        await using var engine = new RunningEngine(loops: 1);
        var rule = RunningEngine.Rule("bulk", target.Port);
        await engine.PutAsync(rule);
        using var down = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var up = await target.AcceptedAsync();
        var bytes = RandomNumberGenerator.GetBytes(48 * Mib);
        var arrives = up.ReceiveAsync(bytes.Length);
        var first = 32 * Mib;
        await down.SendAsync(bytes.AsMemory(0, first));
        await engine.PutAsync(rule with { Limits = new LimitSpec { BytesPerSecondIn = 32 * Mib } });
        await down.SendAsync(bytes.AsMemory(first));
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(await arrives));
    }
}

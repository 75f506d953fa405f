using System.Net.Sockets;
using System.Security.Cryptography;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A thousand plans, each one change away from the last, while bytes flow through rules that stay.</summary>
public sealed class RandomPlansTests
{
    private const int Changes = 1000;
    private const int Others = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Apply_ThousandRandomChanges_StreamsStayWholeAndEveryOutcomeIsTrue(int seed)
    {
        await using var target = LoopbackTarget.Echo();
        await using var datagrams = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var kept = RunningEngine.Rule("kept", target.Port);
        var changed = RunningEngine.Rule("changed", target.Port);
        var udp = RunningEngine.Rule("udp", datagrams.Port) with { Protocol = "udp" };
        await engine.PutAsync(kept);
        await engine.PutAsync(changed);
        await engine.PutAsync(udp);
        using var stop = new CancellationTokenSource();
        var streams = new[]
        {
            StreamAsync(kept, seed, stop.Token), StreamAsync(changed, seed + 1, stop.Token), AskAsync(udp, stop.Token),
        };

        var random = new Random(seed);
        var others = Enumerable.Range(0, Others).Select(index => RunningEngine.Rule($"other {index}", target.Port)).ToArray();
        var wanted = new string?[Others];
        for (var i = 0; i < Changes; i++)
        {
            if (random.Next(10) == 0)
            {
                // A change of the rule that carries a stream; flows are kept.
                await engine.PutAsync(changed with { IdleSeconds = 1000 + i, Balance = i % 2 == 0 ? "random" : "first" });
                continue;
            }

            if (random.Next(50) == 0)
            {
                engine.Restore($"epoch {i}", random.Next(1000));
            }

            var one = random.Next(Others);
            wanted[one] = await ChangeAsync(engine, others[one], random.Next(6));
        }

        for (var i = 0; i < Others; i++)
        {
            await AssertStandsAsync(engine, others[i], wanted[i]);
        }

        await stop.CancelAsync();
        Assert.All(await Eventually.Within(Task.WhenAll(streams)), exchanges => Assert.True(exchanges > 0));
        Assert.Equal(1, engine.Sample("kept").Traffic.FlowsOpened);
        Assert.Equal(1, engine.Sample("changed").Traffic.FlowsOpened);
        Assert.Equal(1, engine.Sample("udp").Traffic.FlowsOpened);
    }

    /// <summary>Does one thing to a rule; answers where it must stand then, null where the plan has no such rule.</summary>
    private static async Task<string?> ChangeAsync(RunningEngine engine, RuleSpec rule, int what)
    {
        switch (what)
        {
            case 0:
                await engine.RemoveAsync(rule.Name ?? "");
                return null;
            case 1:
                await engine.BuryAsync(rule.Name ?? "");
                return "stopped";
            case 2:
                await engine.UnreadAsync(rule.Name ?? "");
                return "refused";
            case 3:
                await engine.PutAsync(rule with { Enabled = false });
                return "stopped";
            case 4:
                await engine.PutAsync(rule, localTargets: false);
                return "listening";
            default:
                await engine.PutAsync(rule);
                return "listening";
        }
    }

    private static async Task AssertStandsAsync(RunningEngine engine, RuleSpec rule, string? standing)
    {
        var told = engine.Engine.Report().FirstOrDefault(one => one.Rule == Portunus.Shared.Ids.RuleId.FromName(rule.Name ?? ""));
        Assert.Equal(standing, told?.Standing);
        Assert.Equal(standing == "listening", await AcceptsAsync((int)(rule.ListenPort ?? 0)));
    }

    /// <summary>A reset is the answer of a rule that may not reach its target; where nobody listens the connect is refused.</summary>
    private static async Task<bool> AcceptsAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await Eventually.Within(socket.ConnectAsync("127.0.0.1", port));
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionRefused)
        {
            return error.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <summary>One connection that carries blocks back and forth; every block must come back as it was sent.</summary>
    private static async Task<int> StreamAsync(RuleSpec rule, int seed, CancellationToken stop)
    {
        using var peer = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
        var random = new Random(seed);
        var exchanges = 0;
        while (!stop.IsCancellationRequested || exchanges == 0)
        {
            var block = new byte[random.Next(1, 100_000)];
            random.NextBytes(block);
            var sending = peer.SendAsync(block);
            var received = await peer.ReceiveAsync(block.Length);
            await sending;
            Assert.Equal(SHA256.HashData(block), SHA256.HashData(received));
            exchanges++;
        }

        return exchanges;
    }

    private static async Task<int> AskAsync(RuleSpec rule, CancellationToken stop)
    {
        using var peer = new DatagramPeer((int)(rule.ListenPort ?? 0));
        var exchanges = 0;
        while (!stop.IsCancellationRequested || exchanges == 0)
        {
            Assert.Equal([(byte)exchanges], await peer.AskAsync((byte)exchanges));
            exchanges++;
        }

        return exchanges;
    }
}

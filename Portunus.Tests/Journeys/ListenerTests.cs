using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>What can and cannot be listened on, and that a refusal says the truth.</summary>
public sealed class ListenerTests
{
    [Fact]
    public async Task Listen_PortOfAnotherProcessOfTheSameUser_IsInUse()
    {
        await using var other = await HostedEngine.StartAsync();
        var rule = RunningEngine.Rule("theirs", 9) with { ListenAddress = null };
        Assert.Equal("Listening", (await other.PutAsync(rule)).Standing);

        await using var engine = new RunningEngine();
        foreach (var address in new[] { null, "127.0.0.1", "::", "::1" })
        {
            var outcome = await engine.PutAsync(rule with { Name = "ours", ListenAddress = address });
            Assert.Equal((RuleStanding.Refused, BindRefusal.PortInUse, Port(rule)), (outcome.Standing, outcome.Refusal, outcome.Port));
        }
    }

    [Fact]
    public async Task Listen_OtherProcessLeaves_RefusedRangeBindsAsAWholeAndOthersAreUntouched()
    {
        var first = FreePorts.Take(3);
        var other = await HostedEngine.StartAsync();
        await other.PutAsync(RunningEngine.Rule("theirs", 9) with { ListenPort = first + 1 });
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var kept = RunningEngine.Rule("kept", target.Port);
        await engine.PutAsync(kept);
        using var live = await Peer.ConnectAsync(Port(kept));
        Assert.True(await live.EchoesAsync());

        var outcome = await engine.PutAsync(new RuleSpec
        {
            Name = "range",
            ListenAddress = "127.0.0.1",
            ListenPorts = $"{first}-{first + 2}",
            Targets = [new TargetSpec { Host = "127.0.0.1", Port = target.Port }],
        });
        Assert.Equal((BindRefusal.PortInUse, first + 1), (outcome.Refusal, outcome.Port));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(first));

        await other.DisposeAsync();
        await Eventually.Holds(() => engine.Sample("range").Outcome.Standing == RuleStanding.Listening, "the range binds after all");
        Assert.True(await Peer.IsServedAsync(first));
        Assert.True(await live.EchoesAsync());
        Assert.Equal(1, engine.Sample("kept").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Listen_RestartedOverConnectionsInTimeWait_BindsAtOnce()
    {
        await using var target = new LoopbackTarget();
        var rule = RunningEngine.Rule("again", target.Port);
        await using (var engine = new RunningEngine())
        {
            await engine.PutAsync(rule);
            using var down = await Peer.ConnectAsync(Port(rule));
            var up = await target.AcceptedAsync();
            // The engine sends the first FIN on this side, so its socket is the one that waits.
            up.EndSending();
            Assert.Empty(await down.ReceiveToEndAsync());
            down.EndSending();
            Assert.Empty(await up.ReceiveToEndAsync());
            await Eventually.Holds(() => IsInTimeWait(Port(rule)), "the edge's side is in TIME_WAIT");
        }

        await using var restarted = new RunningEngine();
        Assert.Equal(RuleStanding.Listening, (await restarted.PutAsync(rule)).Standing);
        Assert.True(IsInTimeWait(Port(rule)));
    }

    [Fact]
    public async Task Listen_Ipv6Any_TakesNoIpv4AndLeavesItToAnotherRule()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var six = RunningEngine.Rule("six", target.Port) with { ListenAddress = "::" };
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(six)).Standing);
        Assert.True(await Peer.IsServedAsync(Port(six), IPAddress.IPv6Loopback));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(six)));

        var four = six with { Name = "four", ListenAddress = "0.0.0.0" };
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(four)).Standing);
        Assert.True(await Peer.IsServedAsync(Port(six)));
        Assert.Equal(1, engine.Sample("four").Traffic.FlowsOpened);
        Assert.Equal(1, engine.Sample("six").Traffic.FlowsOpened);
    }

    [Fact]
    public async Task Listen_OneIpv4Address_IsNotReachedByAnother()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("one", target.Port) with { ListenAddress = "127.0.0.5" };
        await engine.PutAsync(rule);
        Assert.True(await Peer.IsServedAsync(Port(rule), IPAddress.Parse("127.0.0.5")));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule)));
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(Port(rule), IPAddress.IPv6Loopback));
    }

    [UnprivilegedFact]
    public async Task Listen_LowPortWithoutRights_IsNotPermittedAndNamesThePort()
    {
        var port = LowPort();
        await using var engine = await HostedEngine.StartAsync(1, UnprivilegedFactAttribute.Wrapper);
        var outcome = await engine.PutAsync(RunningEngine.Rule("low", 9) with { ListenPort = port });
        Assert.Equal(("Refused", "NotPermitted", port), (outcome.Standing, outcome.Refusal, outcome.Port));
        Assert.Contains("CAP_NET_BIND_SERVICE", outcome.Text);
        Assert.Equal("Listening", (await engine.PutAsync(RunningEngine.Rule("high", 9))).Standing);
    }

    [UnprivilegedFact]
    public async Task Listen_LowPortWithTheCapability_Listens()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = await HostedEngine.StartAsync(1, UnprivilegedFactAttribute.WrapperWithLowPorts);
        var port = LowPort();
        Assert.Equal("Listening", (await engine.PutAsync(RunningEngine.Rule("low", target.Port) with { ListenPort = port })).Standing);
        Assert.True(await Peer.IsServedAsync(port));
    }

    private static int LowPort()
    {
        for (var port = 1000; port > 700; port--)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException("no free low port");
    }

    /// <summary>Whether a connection of this local port is in TIME_WAIT, by /proc/net/tcp (state 06).</summary>
    private static bool IsInTimeWait(int port) => File.ReadLines("/proc/net/tcp").Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Any(words => words[3] == "06" && words[1].EndsWith(port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal));

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);
}

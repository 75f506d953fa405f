using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Portunus.Edge.Native;
using Portunus.Edge.Targets;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Targets;

/// <summary>Probes against real sockets: who answers, who does not, and who answers something else.</summary>
public sealed class TargetProbeTests : IDisposable
{
    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(150);

    private readonly SemaphoreSlim _room = new(4);
    private readonly LogLines<TargetProbeTests> _log = new();
    private int _changes;

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Dns_ServerThatAnswersAnything_IsUp()
    {
        await using var server = new DnsServer();
        var target = TargetAt(server.Address.Port);
        await using var probe = Start(target, Model("dns"));
        await Eventually.Equals(TargetStanding.Up, () => target.Health.Standing, "no such name is an answer");
        Assert.True(target.Health.LastConnectTicks >= 0);
        Assert.Equal("a.root-servers.net", server.Asked.First().Name);
    }

    [Fact]
    public async Task Stun_ServerThatAnswers_IsUp()
    {
        await using var server = new DatagramTarget(ask => [[0x01, 0x01, 0, 0, .. ask.Payload[4..20]]]);
        await IsUpAsync(server.Port, Model("stun"));
    }

    [Fact]
    public async Task Ntp_ServerThatAnswers_IsUp()
    {
        await using var server = new DatagramTarget(ask => [[0x24, .. new byte[23], .. ask.Payload[40..48], .. new byte[16]]]);
        await IsUpAsync(server.Port, Model("ntp"));
    }

    [Fact]
    public async Task Raw_OverIpv6_LongAnswer_IsUp()
    {
        await using var server = new DatagramTarget(ask => [[0xAA, .. ask.Payload, .. new byte[20_000]]], IPAddress.IPv6Loopback);
        var target = TargetAt(server.Port, IPAddress.IPv6Loopback);
        await using var probe = Start(target, Model("raw") with { Send = "0102", Expect = "AA0102" });
        await Eventually.Equals(TargetStanding.Up, () => target.Health.Standing, "answers as expected");
    }

    [Fact]
    public async Task Raw_Preface_StandsBeforeWhatIsSent()
    {
        await using var server = new DatagramTarget();
        var target = TargetAt(server.Port);
        await using var probe = Start(target, Model("raw") with { Send = "0102" }, [7, 8]);
        Assert.Equal([7, 8, 1, 2], (await server.NextAsync()).Payload);
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("stun")]
    [InlineData("ntp")]
    [InlineData("raw")]
    public async Task DeafTarget_IsDownAfterFall(string kind)
    {
        await using var server = new DatagramTarget(_ => []);
        var target = TargetAt(server.Port);
        await using var probe = Start(target, Model(kind) with { Fall = 2 });
        await Eventually.Holds(() => target.Health.IsDown, "nobody answers");
        Assert.True(target.Health.TotalFailures >= 2);
        Assert.True(server.Count >= 2);
        Assert.Contains(_log.All, line => line.Text.Contains("is down: ", StringComparison.Ordinal) && line.Text.Contains("no answer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("stun")]
    [InlineData("ntp")]
    [InlineData("raw")]
    public async Task WrongAnswers_ArePassedOverAndTheRightOneBehindThemCounts(string kind)
    {
        var isRight = false;
        var random = new Random(3);
        await using var server = new DatagramTarget(ask => [Noise(random), ask.Payload, [], .. Volatile.Read(ref isRight) ? new[] { RightAnswer(kind, ask.Payload) } : []]);
        var target = TargetAt(server.Port);
        await using var probe = Start(target, Model(kind));
        await Eventually.Holds(() => target.Health.IsDown, "noise is no answer");
        Volatile.Write(ref isRight, true);
        await Eventually.Equals(TargetStanding.Up, () => target.Health.Standing, "the right answer is found behind the noise");
        Assert.Equal(2, Volatile.Read(ref _changes));
    }

    [Fact]
    public async Task NobodyListens_FailsAtOnceWithoutWaitingForTheTimeout()
    {
        var target = TargetAt(FreePorts.Take());
        await using var probe = Start(target, Model("dns") with { Timeout = TimeSpan.FromMinutes(1), Fall = 5 });
        await Eventually.Holds(() => target.Health.IsDown, "an ICMP error each time");
        Assert.Equal(5, target.Health.TotalFailures);
    }

    [Fact]
    public async Task Connect_TargetComesAndGoes_StandingFollows()
    {
        var port = FreePorts.Take();
        var target = TargetAt(port);
        await using var probe = Start(target, Model(ProbeModel.Connect) with { Rise = 2, Fall = 2 });
        for (var round = 0; round < 3; round++)
        {
            await Eventually.Holds(() => target.Health.IsDown, $"nobody listens, round {round}");
            await using (new LoopbackTarget(peer => Task.CompletedTask, port: port))
            {
                await Eventually.Equals(TargetStanding.Up, () => target.Health.Standing, $"somebody listens, round {round}");
            }
        }

        Assert.Equal(3, _log.All.Count(line => line.Text == $"127.0.0.1:{port} of rule probed is up again"));
    }

    [Fact]
    public async Task Connect_PortOfOutgoingConnections_NeverTakesItselfForTheTarget()
    {
        var target = TargetAt(EphemeralPort());
        await using var probe = Start(target, Model(ProbeModel.Connect) with { Interval = TimeSpan.FromMilliseconds(1) });
        await Eventually.Holds(() => target.Health.TotalFailures > 500, "many attempts");
        Assert.Null(target.Health.LastSuccess);
    }

    [Fact]
    public async Task Stopped_NothingIsSentNorToldAnyMore()
    {
        await using var server = new DatagramTarget(_ => []);
        var target = TargetAt(server.Port);
        var probe = Start(target, Model("dns"));
        await Eventually.Holds(() => server.Count > 2, "it is asked");
        await probe.DisposeAsync();
        var (failures, asked) = (target.Health.TotalFailures, server.Count);
        await using (Start(TargetAt(server.Port), Model("dns")))
        {
            // Another probe of the same place has asked five times: the stopped one would have, too.
            await Eventually.Holds(() => server.Count >= asked + 5, "the other asks");
        }

        Assert.Equal(failures, target.Health.TotalFailures);
    }

    [Fact]
    public async Task OneProbeAtATime_DeafTargetAskedOften_HoldsOneSocket()
    {
        await using var server = new DatagramTarget();
        await using var probe = Start(TargetAt(server.Port), Model("dns") with { Interval = TimeSpan.FromMilliseconds(1), Timeout = TimeSpan.FromSeconds(1) });
        var first = await server.NextAsync();
        var second = await server.NextAsync();
        Assert.NotEqual(first.Payload[..2], second.Payload[..2]);
        Assert.Equal(2, server.Count);
    }

    private static ProbeModel Model(string kind) => new(kind, s_often, s_patience, 1, 1, "55", "66");

    private static byte[] RightAnswer(string kind, byte[] ask)
    {
        switch (kind)
        {
            case "dns":
                return [ask[0], ask[1], 0x80, .. ask[3..]];
            case "stun":
                return [0x01, 0x01, .. ask[2..]];
            case "ntp":
                return [0x24, .. new byte[23], .. ask[40..], .. new byte[16]];
            default:
                return [0x66];
        }
    }

    private static byte[] Noise(Random random)
    {
        // Never 66, which raw waits for; the others know their own by more than chance gives.
        var bytes = new byte[1 + random.Next(100)];
        random.NextBytes(bytes);
        bytes[0] = 0x77;
        return bytes;
    }

    private static int EphemeralPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint?)socket.LocalEndPoint)?.Port ?? 0;
    }

    private async Task IsUpAsync(int port, ProbeModel model)
    {
        var target = TargetAt(port);
        await using var probe = Start(target, model);
        await Eventually.Equals(TargetStanding.Up, () => target.Health.Standing, "it answers");
        Assert.Equal(0, target.Health.TotalFailures);
    }

    private Target TargetAt(int port, IPAddress? address = null)
    {
        var host = address ?? IPAddress.Loopback;
        var target = new Target(host.ToString(), SockAddr.From(host, port), port, TimeProvider.System);
        target.Health.Notice = new TargetNotice(_log, "probed", target);
        return target;
    }

    private TargetProbe Start(Target target, ProbeModel model, byte[]? preface = null)
    {
        var probe = new TargetProbe(target, model, preface ?? [], _room, TimeProvider.System, () => Interlocked.Increment(ref _changes));
        probe.Start();
        return probe;
    }
}

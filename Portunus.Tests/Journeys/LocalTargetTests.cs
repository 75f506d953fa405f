using System.Diagnostics;
using System.Net;
using Portunus.Edge.Targets;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Rules of tenants do not reach the edge itself, unless their grant says so.</summary>
public sealed class LocalTargetTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Tcp_LocalLiteral_IsResetAndCounted(string host)
    {
        await using var target = LoopbackTarget.Echo(host == "0.0.0.0" ? null : Plain(host));
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("fenced") with { Targets = [new TargetSpec { Host = host, Port = target.Port }] };
        await engine.PutAsync(rule, localTargets: false);

        await Peer.ConnectToBeResetAsync(Port(rule));

        await Eventually.Equals(1L, () => engine.Ends("fenced", FlowEnd.LocalTarget), "the refusal is counted");
        Assert.Equal(0, target.Count);
        Assert.Equal(TargetStanding.Down, engine.Sample("fenced").Targets[0].Standing);
        Assert.Equal("failing", SampleWords.Forwarding(engine.Sample("fenced")));
    }

    [Fact]
    public async Task Udp_LocalLiteral_IsDroppedAndCounted()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Udp("fenced", target);
        await engine.PutAsync(rule, localTargets: false);
        using var peer = new DatagramPeer(Port(rule));

        peer.Send(1);
        peer.Send(2);

        await Eventually.Equals(2L, () => engine.Sample("fenced").DropsIn.GetValueOrDefault(DatagramDrop.LocalTarget), "both are dropped for it");
        Assert.Equal(0, target.Count);
        Assert.Equal(0, engine.Sample("fenced").Traffic.FlowsActive);
    }

    [Fact]
    public async Task NamedTarget_ThatResolvesToUs_IsRefusedWhateverOfItsAddressesIsAsked()
    {
        using var folder = new TempFolder();
        await using var names = new DnsServer();
        names.Put("db.example", "127.0.0.1", "127.0.0.3", "::1", "::ffff:127.0.0.1", "169.254.169.254");
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(resolver: ResolverFor(folder, names));
        var rule = RunningEngine.Rule("fenced") with { Targets = [new TargetSpec { Host = "db.example", Port = target.Port }] };
        await engine.PutAsync(rule, localTargets: false);

        await Peer.ConnectToBeResetAsync(Port(rule));

        await Eventually.Equals(1L, () => engine.Ends("fenced", FlowEnd.LocalTarget), "the refusal is counted");
        Assert.Equal(0, target.Count);
    }

    [Fact]
    public async Task NamedTarget_WhoseAnswerChangesToUs_IsRefusedFromThenOn()
    {
        using var folder = new TempFolder();
        await using var names = new DnsServer();
        // Nobody is at the documentation address, so the first answer only fails.
        names.Put("db.example", "192.0.2.254");
        await using var target = LoopbackTarget.Echo();
        var clock = new TestClock();
        await using var engine = new RunningEngine(resolver: ResolverFor(folder, names), time: clock);
        var rule = RunningEngine.Rule("rebinds") with { Targets = [new TargetSpec { Host = "db.example", Port = target.Port }], ConnectTimeoutMs = 100 };
        await engine.PutAsync(rule, localTargets: false);
        await Peer.ConnectToBeResetAsync(Port(rule));
        Assert.Equal(0, engine.Ends("rebinds", FlowEnd.LocalTarget));

        names.Put("db.example", "127.0.0.1");
        clock.Advance(TimeSpan.FromSeconds(names.Ttl));
        var watch = Stopwatch.StartNew();
        while (engine.Ends("rebinds", FlowEnd.LocalTarget) == 0)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), "the new answer is never met");
            await Peer.ConnectToBeResetAsync(Port(rule));
        }

        Assert.Equal(0, target.Count);
    }

    [Fact]
    public async Task Tcp_RightIsTakenAndGiven_OpenFlowEndsAndTheNextDialObeys()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("fenced", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        Assert.True(await peer.EchoesAsync());

        await engine.PutAsync(rule, localTargets: false);
        await peer.ReceiveToResetAsync();
        await Peer.ConnectToBeResetAsync(Port(rule));
        await Eventually.Equals(2L, () => engine.Ends("fenced", FlowEnd.LocalTarget), "both are counted");

        await engine.PutAsync(rule);
        using var again = await Peer.ConnectAsync(Port(rule));
        Assert.True(await again.EchoesAsync());
    }

    [Fact]
    public async Task Udp_RightIsTakenAndGiven_OpenFlowEndsAndTheNextDialObeys()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Udp("fenced", target);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        Assert.Equal([1], await peer.AskAsync(1));

        await engine.PutAsync(rule, localTargets: false);
        await Eventually.Equals(1L, () => engine.Ends("fenced", FlowEnd.LocalTarget), "the flow ends");
        peer.Send(2);
        await Eventually.Equals(1L, () => engine.Sample("fenced").DropsIn.GetValueOrDefault(DatagramDrop.LocalTarget), "the next datagram is dropped");

        await engine.PutAsync(rule);
        Assert.Equal([3], await peer.AskAsync(3));
        Assert.Equal(2, target.Count);
    }

    [Fact]
    public async Task Probe_LocalTarget_IsNeverMadeAndTheTargetIsDown()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("probed", target.Port) with { HealthCheck = new HealthCheckSpec { IntervalSeconds = 1, Fall = 1, Rise = 1 } };
        await engine.PutAsync(rule, localTargets: false);

        await Eventually.Holds(() => engine.Sample("probed").Targets[0].Standing == TargetStanding.Down, "the probe says so");
        Assert.Equal(0, target.Count);

        await engine.PutAsync(rule);
        await Eventually.Holds(() => engine.Sample("probed").Targets[0].Standing == TargetStanding.Up, "with the right it is probed");
    }

    [RootFact("ip")]
    public void Tcp_OwnAddressFirst_TheTargetElsewhereServes() => LinkedNamespaces.Run(1500, () => LoopbackTarget.Echo(LinkedNamespaces.Far, 5000), () =>
    {
        // The hosted engine is in the near namespace, as the sockets that are made on this thread are.
        var engine = Eventually.Within(HostedEngine.StartAsync()).GetAwaiter().GetResult();
        try
        {
            var rule = RunningEngine.Rule("fenced") with
            {
                Targets = [.. new[] { LinkedNamespaces.Near, LinkedNamespaces.Far }.Select(address => new TargetSpec { Host = address.ToString(), Port = 5000 })],
            };
            Eventually.Within(engine.FenceAsync(rule)).GetAwaiter().GetResult();
            using var peer = Eventually.Within(Peer.ConnectAsync(Port(rule))).GetAwaiter().GetResult();
            Assert.True(Eventually.Within(peer.EchoesAsync()).GetAwaiter().GetResult());

            Eventually.Within(engine.FenceAsync(rule with { Targets = [rule.Targets![0]] })).GetAwaiter().GetResult();
            Eventually.Within(Peer.ConnectToBeResetAsync(Port(rule))).GetAwaiter().GetResult();
            Assert.Equal(1, Eventually.Within(engine.EndsAsync("fenced", FlowEnd.LocalTarget)).GetAwaiter().GetResult());
        }
        finally
        {
            engine.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    });

    private static RuleSpec Udp(string name, DatagramTarget target) => RunningEngine.Rule(name, target.Port) with { Protocol = "udp" };

    private static IPAddress Plain(string host) => IPAddress.Parse(host) is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : IPAddress.Parse(host);

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    private static ResolverOptions ResolverFor(TempFolder folder, DnsServer names) => new()
    {
        ResolvConfPath = folder.File("resolv.conf"), HostsPath = folder.File("hosts"), NameServers = [names.Address],
    };
}

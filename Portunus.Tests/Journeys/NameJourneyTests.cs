using System.Net;
using Portunus.Edge.Targets;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Rules whose target is a name, from the connection through a real name server to the bytes.</summary>
public sealed class NameJourneyTests : IAsyncDisposable
{
    private const string Name = "db.example";
    private static readonly IPAddress s_other = IPAddress.Parse("127.0.0.2");

    private readonly TempFolder _folder = new();
    private readonly DnsServer _server = new();

    [Fact]
    public async Task NamedTarget_ResolvedByTheServer_BytesArrive()
    {
        await using var target = LoopbackTarget.Echo();
        _server.Put(Name, "127.0.0.1");
        await using var engine = Engine();
        var rule = Named("named", target.Port);
        await engine.PutAsync(rule);
        using var peer = await Peer.ConnectAsync(Port(rule));
        var payload = new byte[200_000];
        new Random(7).NextBytes(payload);
        var sending = peer.SendAsync(payload);
        Assert.Equal(payload, await peer.ReceiveAsync(payload.Length));
        await sending;
        Assert.Equal(0, engine.Sample("named").Ends.GetValueOrDefault(FlowEnd.NameFailed));
    }

    [Fact]
    public async Task NamedTarget_FirstAddressesRefuse_AllAreTried()
    {
        await using var target = LoopbackTarget.Echo();
        _server.Put(Name, "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.1");
        await using var engine = Engine();
        var rule = Named("addresses", target.Port);
        await engine.PutAsync(rule);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.Equal(1, target.Count);
        Assert.Equal(TargetStanding.Up, engine.Sample("addresses").Targets[0].Standing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NamedTarget_PreferredFamily_IsTriedFirst(bool preferIpv6)
    {
        await using var v6 = LoopbackTarget.Echo(IPAddress.IPv6Loopback);
        await using var v4 = LoopbackTarget.Echo(port: v6.Port);
        _server.Put(Name, "127.0.0.1", "::1");
        await using var engine = Engine();
        var rule = Named("family", v6.Port) with { PreferIpv6 = preferIpv6 };
        await engine.PutAsync(rule);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await Peer.IsServedAsync(Port(rule)));
        }

        Assert.Equal(preferIpv6 ? (3, 0) : (0, 3), (v6.Count, v4.Count));
    }

    [Fact]
    public async Task ManyFlows_NameStillUnknown_AllWaitForOneLookup()
    {
        var gate = new TaskCompletionSource();
        _server.Put(Name, "127.0.0.1");
        _server.Script = async ask =>
        {
            await gate.Task;
            return [_server.FromZone(ask)];
        };
        await using var target = LoopbackTarget.Echo();
        await using var engine = Engine();
        var rule = Named("waiting", target.Port);
        await engine.PutAsync(rule);
        var peers = new List<Peer>();
        for (var i = 0; i < 40; i++)
        {
            peers.Add(await Peer.ConnectAsync(Port(rule)));
        }

        await Eventually.Equals(40, () => engine.Engine.Read().Vitals.FlowsActive, "all flows wait");
        gate.SetResult();
        foreach (var peer in peers)
        {
            Assert.True(await peer.EchoesAsync());
            peer.Dispose();
        }

        Assert.Equal(2, _server.Asked.Count);
    }

    [Fact]
    public async Task FlowCutWhileItsNameIsAskedFor_LateAnswerHarmsNobody()
    {
        var gate = new TaskCompletionSource();
        _server.Put(Name, "127.0.0.1");
        _server.Script = async ask =>
        {
            await gate.Task;
            return [_server.FromZone(ask)];
        };
        await using var target = LoopbackTarget.Echo();
        await using var engine = Engine();
        var named = Named("cut", target.Port);
        var literal = RunningEngine.Rule("literal", target.Port);
        await engine.PutAsync(named);
        await engine.PutAsync(literal);
        using var waiting = await Peer.ConnectAsync(Port(named));
        await Eventually.Equals(1, () => engine.Engine.Read().Vitals.FlowsActive, "the flow waits");
        await engine.PutAsync(named with { Note = "changed" }, cut: new FlowOrder(engine.NextRevision, null));
        Assert.Empty(await waiting.ReceiveToResetAsync());
        using var other = await Peer.ConnectAsync(Port(literal));
        Assert.True(await other.EchoesAsync());
        gate.SetResult();
        Assert.True(await Peer.IsServedAsync(Port(named)));
        Assert.True(await other.EchoesAsync());
        await Eventually.Equals(1, () => engine.Engine.Read().Vitals.FlowsActive, "one flow is left");
    }

    [Fact]
    public async Task NameServerDown_FlowIsRefused_AndServedOnceItIsBack()
    {
        await using var target = LoopbackTarget.Echo();
        var port = _server.Address.Port;
        await _server.DisposeAsync();
        await using var engine = Engine();
        var rule = Named("down", target.Port);
        await engine.PutAsync(rule);
        await Peer.ConnectToBeResetAsync(Port(rule));
        await Eventually.Equals(1L, () => engine.Ends("down", FlowEnd.NameFailed), "the reason is the name");
        Assert.Equal(1, engine.Sample("down").NameFailures);

        await using var back = new DnsServer(port);
        back.Put(Name, "127.0.0.1");
        await Eventually.Holds(() => Peer.IsServedAsync(Port(rule)).GetAwaiter().GetResult(), "the name is asked for again");
    }

    [Fact]
    public async Task NameChanges_NewFlowsFollow_OldFlowsStay()
    {
        await using var before = LoopbackTarget.Echo();
        await using var after = LoopbackTarget.Echo(s_other, before.Port);
        _server.Put(Name, "127.0.0.1");
        var clock = new TestClock();
        await using var engine = Engine(clock);
        var rule = Named("moves", before.Port);
        await engine.PutAsync(rule);
        using var old = await Peer.ConnectAsync(Port(rule));
        Assert.True(await old.EchoesAsync());
        Assert.Equal((1, 0), (before.Count, after.Count));

        _server.Put(Name, s_other.ToString());
        var asked = _server.Asked.Count;
        clock.Advance(TimeSpan.FromSeconds(54));
        await Eventually.Holds(() => _server.Asked.Count == asked + 2, "the name is asked for again");
        await Eventually.Holds(
            () => Peer.IsServedAsync(Port(rule)).GetAwaiter().GetResult() && after.Count > 0, "new flows go to the new address");
        Assert.True(await old.EchoesAsync());
    }

    [Fact]
    public async Task NameServersGone_OldAddressesForAWhile_ThenNone()
    {
        await using var target = LoopbackTarget.Echo();
        _server.Put(Name, "127.0.0.1");
        var clock = new TestClock();
        await using var engine = Engine(clock);
        var rule = Named("stale", target.Port);
        await engine.PutAsync(rule);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        await _server.DisposeAsync();
        clock.Advance(TimeSpan.FromSeconds(89));
        Assert.True(await Peer.IsServedAsync(Port(rule)));
        Assert.Equal(0, engine.Sample("stale").NameFailures);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Peer.ConnectToBeResetAsync(Port(rule));
        await Eventually.Equals(1L, () => engine.Ends("stale", FlowEnd.NameFailed), "the name has no addresses");
    }

    [Fact]
    public async Task NameFails_NextTargetIsUsed()
    {
        await using var spare = LoopbackTarget.Echo();
        await using var engine = Engine();
        var rule = RunningEngine.Rule("spare") with
        {
            Targets = [new TargetSpec { Host = "nowhere.example", Port = 9 }, new TargetSpec { Host = "127.0.0.1", Port = spare.Port }],
        };
        await engine.PutAsync(rule);
        Assert.True(await Peer.IsServedAsync(Port(rule)));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static RuleSpec Named(string rule, int port) =>
        RunningEngine.Rule(rule) with { Targets = [new TargetSpec { Host = Name, Port = port }] };

    private static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    private RunningEngine Engine(TimeProvider? time = null) => new(
        resolver: new ResolverOptions
        {
            ResolvConfPath = _folder.File("resolv.conf"),
            HostsPath = _folder.File("hosts"),
            NameServers = [_server.Address],
        },
        time: time);
}

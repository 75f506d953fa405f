using System.Net;
using Portunus.Edge.Targets;
using Portunus.Edge.Udp;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>Flows whose target is a name: what comes before its addresses do is kept, in order and bounded.</summary>
public sealed class UdpNameTests : IAsyncDisposable
{
    private const string Name = "game.example";

    private readonly TempFolder _folder = new();
    private readonly DnsServer _server = new();
    private readonly TaskCompletionSource _mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public UdpNameTests() => _server.Script = async ask =>
    {
        await _mayAnswer.Task;
        return [_server.FromZone(ask)];
    };

    [Fact]
    public async Task FirstDatagrams_BeforeTheNameIsResolved_ArriveInOrder()
    {
        await using var target = new DatagramTarget();
        _server.Put(Name, "127.0.0.1");
        await using var engine = Engine();
        var rule = Named(target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        for (byte i = 0; i < FirstDatagrams.MostDatagrams; i++)
        {
            peer.Send(i, 7);
        }

        await Eventually.Equals(1L, () => engine.Sample("named").Accepted, "the flow waits");
        _mayAnswer.SetResult();

        for (byte i = 0; i < FirstDatagrams.MostDatagrams; i++)
        {
            Assert.Equal([i, 7], (await target.NextAsync()).Payload);
        }

        await Eventually.Equals((long)FirstDatagrams.MostDatagrams, () => engine.Sample("named").Traffic.DatagramsIn, "all are counted");
        Assert.Empty(engine.Sample("named").DropsIn);
    }

    [Fact]
    public async Task MoreThanTheQueueTakes_IsDroppedAndCounted()
    {
        await using var target = new DatagramTarget();
        _server.Put(Name, "127.0.0.1");
        await using var engine = Engine();
        var rule = Named(target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        for (byte i = 0; i < 20; i++)
        {
            peer.Send(i);
        }

        await Eventually.Equals(20L - FirstDatagrams.MostDatagrams, () => engine.Sample("named").DropsIn.GetValueOrDefault(DatagramDrop.QueueFull), "the rest is dropped");
        _mayAnswer.SetResult();
        for (byte i = 0; i < FirstDatagrams.MostDatagrams; i++)
        {
            Assert.Equal([i], (await target.NextAsync()).Payload);
        }

        await Eventually.Equals(20L, () => UdpEndTests.Taken(engine.Sample("named")), "every datagram is accounted for");
    }

    [Fact]
    public async Task LargestDatagram_AsTheFirst_IsKept()
    {
        await using var target = new DatagramTarget();
        _server.Put(Name, "127.0.0.1");
        await using var engine = Engine();
        var rule = Named(target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var payload = RandomBytes(65_507);

        peer.Send(payload);
        await Eventually.Equals(1L, () => engine.Sample("named").Accepted, "the flow waits");
        _mayAnswer.SetResult();

        Assert.Equal(payload, (await target.NextAsync()).Payload);
    }

    [Fact]
    public async Task NameThatIsNotThere_DropsWhatWaitedAndEndsTheFlow()
    {
        await using var engine = Engine();
        var rule = Named(9);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(1);
        peer.Send(2);
        await Eventually.Equals(1L, () => engine.Sample("named").Accepted, "the flow waits");

        _mayAnswer.SetResult();

        await Eventually.Equals(2L, () => engine.Sample("named").DropsIn.GetValueOrDefault(DatagramDrop.NameFailed), "both are dropped");
        Assert.Equal((1L, 1L, 0L), (engine.Ends("named", FlowEnd.NameFailed), engine.Sample("named").NameFailures, engine.Engine.Read().Vitals.FlowsActive));
    }

    [Fact]
    public async Task NameThatIsNotThere_NextTargetGetsWhatWaited()
    {
        await using var target = new DatagramTarget();
        await using var engine = Engine();
        var rule = Rule("named") with
        {
            Targets = [new TargetSpec { Host = "nowhere.example", Port = 9 }, new TargetSpec { Host = "127.0.0.1", Port = target.Port }],
        };
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(1);
        peer.Send(2);
        await Eventually.Equals(1L, () => engine.Sample("named").Accepted, "the flow waits");

        _mayAnswer.SetResult();

        Assert.Equal([1], (await target.NextAsync()).Payload);
        Assert.Equal([2], (await target.NextAsync()).Payload);
    }

    [Fact]
    public async Task FlowCutWhileItWaits_LeavesNothingBehind()
    {
        await using var target = new DatagramTarget();
        _server.Put(Name, "127.0.0.1");
        await using var engine = Engine();
        var rule = Named(target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        peer.Send(1);
        await Eventually.Equals(1L, () => engine.Sample("named").Accepted, "the flow waits");

        await engine.PutAsync(rule, cut: new Portunus.Shared.Plans.FlowOrder(engine.NextRevision, null));
        Assert.Equal(1L, engine.Ends("named", FlowEnd.Cut));
        _mayAnswer.SetResult();

        peer.Send(2);
        Assert.Equal([2], (await target.NextAsync()).Payload);
        Assert.Equal(1L, engine.Sample("named").DropsIn.GetValueOrDefault(DatagramDrop.Draining));
    }

    public async ValueTask DisposeAsync()
    {
        _mayAnswer.TrySetResult();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static RuleSpec Named(int port) => Rule("named") with { Targets = [new TargetSpec { Host = Name, Port = port }] };

    private RunningEngine Engine() => new(resolver: new ResolverOptions
    {
        ResolvConfPath = _folder.File("resolv.conf"),
        HostsPath = _folder.File("hosts"),
        NameServers = [_server.Address],
    });
}

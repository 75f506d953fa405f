using Portunus.Shared.Samples;
using Portunus.Tests.Kit;
using static Portunus.Tests.Edge.Udp.UdpRelayTests;

namespace Portunus.Tests.Edge.Udp;

/// <summary>More datagrams than anybody could wake for one by one.</summary>
public sealed class UdpFloodTests
{
    [Fact]
    public async Task Flood_ThenSilenceThenAsking_EveryDatagramIsAccountedForAndAnswersCome()
    {
        await using var target = DatagramTarget.Echo();
        await using var sink = new DatagramTarget(_ => []);
        await using var engine = new RunningEngine(loops: 1);
        var rule = Rule("flood", sink.Port);
        var asked = Rule("asked", target.Port);
        await engine.PutAsync(rule);
        await engine.PutAsync(asked);
        using var flooding = new DatagramPeer(Port(rule));
        using var peer = new DatagramPeer(Port(asked));
        var sent = 0L;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 20_000; i++)
            {
                flooding.Send(new byte[1 + (i % 3)]);
            }

            sent += 20_000;
            Assert.Equal([(byte)round], await peer.AskAsync((byte)round));
            await Eventually.Equals(sent, () => Seen(engine.Sample("flood")), "every datagram is accounted for");
        }

        // As sparse as this, each wakes the loop again.
        for (byte i = 0; i < 50; i++)
        {
            flooding.Send(i);
            Assert.Equal([i], await peer.AskAsync(i));
        }

        await Eventually.Equals(sent + 50, () => Seen(engine.Sample("flood")), "every datagram is accounted for");
    }

    /// <summary>Taken from the kernel, or dropped by it at our socket.</summary>
    private static long Seen(RuleSample sample) => sample.Traffic.DatagramsIn + sample.DropsIn.Values.Sum();
}

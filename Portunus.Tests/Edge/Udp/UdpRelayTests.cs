using System.Net;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Udp;

/// <summary>Datagrams through a rule to one target and back, over real sockets.</summary>
public sealed class UdpRelayTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1200)]
    [InlineData(9000)]
    [InlineData(65_507)]
    public async Task Datagram_OfAnySize_ComesWholeAndIsAnswered(int size)
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("sizes", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var payload = RandomBytes(size);

        Assert.Equal(payload, await peer.AskAsync(payload));

        await Eventually.Equals(1L, () => engine.Sample("sizes").Traffic.DatagramsOut, "answers counted");
        var sample = engine.Sample("sizes");
        Assert.Equal((size, size, 1, 1), (sample.Traffic.BytesIn, sample.Traffic.BytesOut, sample.Traffic.DatagramsIn, sample.Traffic.FlowsActive));
        Assert.Equal(1, sample.Accepted);
        Assert.Empty(sample.DropsIn);
        Assert.Empty(sample.DropsOut);
    }

    [Fact]
    public async Task ThousandSources_EachGetsItsOwnAnswers()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("many", target.Port);
        await engine.PutAsync(rule);
        var peers = Enumerable.Range(0, 1000).Select(_ => new DatagramPeer(Port(rule))).ToArray();
        try
        {
            for (var round = 0; round < 3; round++)
            {
                for (var i = 0; i < peers.Length; i++)
                {
                    peers[i].Send(BitConverter.GetBytes((round * 10_000) + i));
                }

                for (var i = 0; i < peers.Length; i++)
                {
                    Assert.Equal((round * 10_000) + i, BitConverter.ToInt32((await peers[i].ReceiveAsync()).Payload));
                }
            }

            Assert.All(peers, peer => Assert.Equal(0, peer.Socket.Available));
            var sample = engine.Sample("many");
            Assert.Equal((1000, 1000), (sample.Accepted, sample.Traffic.FlowsActive));
            Assert.All(engine.Engine.Read().Vitals.FlowsPerLoop, flows => Assert.True(flows > 300, "a loop has hardly any flow"));
        }
        finally
        {
            foreach (var peer in peers)
            {
                peer.Dispose();
            }
        }
    }

    [Fact]
    public async Task Burst_OfEqualAndOddSizes_KeepsOrderSizesAndBytes()
    {
        await using var target = new DatagramTarget();
        await using var engine = new RunningEngine();
        var rule = Rule("order", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var random = new Random(7);
        var sent = Enumerable.Range(0, 400)
            .Select(i => RandomBytes(i % 10 == 9 ? random.Next(0, 1400) : 1200))
            .ToList();

        foreach (var payload in sent)
        {
            peer.Send(payload);
        }

        foreach (var payload in sent)
        {
            Assert.Equal(payload, (await target.NextAsync()).Payload);
        }

        await Eventually.Equals((long)sent.Count, () => engine.Sample("order").Traffic.DatagramsIn, "datagrams counted");
        Assert.Equal(sent.Sum(payload => payload.Length), engine.Sample("order").Traffic.BytesIn);
    }

    [Fact]
    public async Task BurstOfAnswers_KeepsOrderSizesAndBytes()
    {
        var answers = Enumerable.Range(0, 200).Select(i => RandomBytes(i % 7 == 6 ? i : 1000)).ToList();
        await using var target = new DatagramTarget(_ => answers);
        await using var engine = new RunningEngine();
        var rule = Rule("answers", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));

        peer.Send(1);

        foreach (var answer in answers)
        {
            Assert.Equal(answer, (await peer.ReceiveAsync()).Payload);
        }

        await Eventually.Equals((long)answers.Count, () => engine.Sample("answers").Traffic.DatagramsOut, "answers counted");
        Assert.Equal(answers.Sum(answer => answer.Length), engine.Sample("answers").Traffic.BytesOut);
    }

    [Fact]
    public async Task AnyBytes_PassAsTheyAre()
    {
        await using var target = DatagramTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = Rule("bytes", target.Port);
        await engine.PutAsync(rule);
        using var peer = new DatagramPeer(Port(rule));
        var random = new Random(20_241);
        for (var i = 0; i < 500; i++)
        {
            // Lengths of every order of magnitude, so that short ones are as common as long ones.
            var payload = new byte[random.Next(1 << random.Next(1, 17)) % 65_508];
            random.NextBytes(payload);

            Assert.Equal(payload, await peer.AskAsync(payload));
        }

        Assert.Equal((500L, 500L), (engine.Sample("bytes").Traffic.DatagramsIn, engine.Sample("bytes").Traffic.DatagramsOut));
    }

    internal static RuleSpec Rule(string name, params int[] targetPorts) => RunningEngine.Rule(name, targetPorts) with { Protocol = "udp" };

    internal static int Port(RuleSpec rule) => (int)(rule.ListenPort ?? 0);

    internal static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        Random.Shared.NextBytes(bytes);
        return bytes;
    }
}

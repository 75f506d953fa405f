using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>Which loop a flow lives on.</summary>
public sealed class SpreadTests
{
    [Fact]
    public async Task Spread_EightLongStreams_FourOnEachOfTwoLoops()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 2);
        var rule = RunningEngine.Rule("spread", target.Port);
        await engine.PutAsync(rule);
        var peers = new List<Peer>();
        try
        {
            for (var i = 1; i <= 8; i++)
            {
                var peer = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0));
                peers.Add(peer);
                await peer.SendAsync(new byte[1]);
                await peer.ReceiveAsync(1);
            }

            Assert.Equal([4L, 4L], engine.Engine.Read().Vitals.FlowsPerLoop);
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    [Fact]
    public async Task Spread_ManyAtOnce_NoLoopHasMoreThanAThirdMore()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(loops: 2);
        var rule = RunningEngine.Rule("spread", target.Port);
        await engine.PutAsync(rule);
        var peers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Peer.ConnectAsync((int)(rule.ListenPort ?? 0))));
        try
        {
            await Eventually.Equals(200L, () => engine.Sample("spread").Traffic.FlowsActive, "all are open");
            var perLoop = engine.Engine.Read().Vitals.FlowsPerLoop;
            Assert.InRange(perLoop.Max(), 100, 134);
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Dispose());
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;
using Portunus.Web.Edges;
using Portunus.Web.Live;

namespace Portunus.Tests.Web.Edges;

public sealed class EdgePresenceTests
{
    private readonly TestClock _clock = new();
    private readonly LiveFeed _feed = new(NullLogger<LiveFeed>.Instance);
    private readonly EdgePresence _presence;
    private readonly EdgeId _edge = EdgeId.New();
    private int _nudges;

    public EdgePresenceTests()
    {
        _presence = new EdgePresence(_feed, _clock);
        _feed.Subscribe(LiveTopic.Of(LiveKind.Edge, _edge), _ => _nudges++);
    }

    [Fact]
    public void Link_IsToldFromHelloToItsEnd()
    {
        Assert.Equal(EdgeNow.Unknown, _presence.Of(_edge));
        _presence.Opened(_edge, Origin("one"));
        _clock.Advance(TimeSpan.FromSeconds(3));
        _presence.Heard(_edge);

        var link = _presence.Of(_edge).Link!;
        Assert.Equal((true, TimeSpan.FromSeconds(3), 1), (link.IsConnected, link.LastHeardAt - link.OpenedAt, _presence.ConnectedCount));

        _presence.Closed(_edge, "one", "silent");
        link = _presence.Of(_edge).Link!;
        Assert.Equal((false, "silent", 0, 2), (link.IsConnected, link.ClosedWhy, _presence.ConnectedCount, _nudges));
    }

    [Fact]
    public void EndOfAnOlderInstance_ChangesNothing()
    {
        _presence.Opened(_edge, Origin("one"));
        _presence.Opened(_edge, Origin("two"));

        _presence.Closed(_edge, "one", "replaced");

        Assert.True(_presence.Of(_edge).IsConnected);
    }

    [Fact]
    public void PlanAndTraffic_AreFactsOfTheirOwn()
    {
        _presence.Applied(_edge, new PlanRevision("7", 3));
        _presence.Applied(_edge, new PlanRevision("7", 3));
        _presence.Sampled(_edge, _clock.GetUtcNow(), null);

        var now = _presence.Of(_edge);
        Assert.Equal((new PlanRevision("7", 3), 1), (now.Plan!.Revision, _nudges));
        Assert.Null(now.Link);
        Assert.NotNull(now.Traffic);
        _presence.Forget(_edge);
        Assert.Equal(EdgeNow.Unknown, _presence.Of(_edge));
    }

    private static LinkOrigin Origin(string instance) => new(instance, "127.0.0.1", "1.0", "host", "Linux", "x64", []);
}

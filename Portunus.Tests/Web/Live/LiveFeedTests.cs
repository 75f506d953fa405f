using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Web.Live;

namespace Portunus.Tests.Web.Live;

public sealed class LiveFeedTests
{
    private readonly LiveFeed _feed = new(NullLogger<LiveFeed>.Instance);

    [Fact]
    public void Publish_CallsThoseOfTheKindAndThoseOfTheVeryTopic()
    {
        var (edge, other) = (EdgeId.New(), EdgeId.New());
        var heard = new List<string>();
        using var all = _feed.Subscribe(LiveKind.EdgePlan, topic => heard.Add($"all {topic.Edge}"));
        using var one = _feed.Subscribe(LiveTopic.Of(LiveKind.EdgePlan, edge), topic => heard.Add($"one {topic.Edge}"));
        using var elsewhere = _feed.Subscribe(LiveKind.EdgeTrust, _ => heard.Add("trust"));
        _feed.Publish(LiveTopic.Of(LiveKind.EdgePlan, edge));
        _feed.Publish(LiveTopic.Of(LiveKind.EdgePlan, other));
        Assert.Equal([$"all {edge}", $"one {edge}", $"all {other}"], heard);
    }

    [Fact]
    public void Publish_AfterDisposing_IsSilent()
    {
        var heard = 0;
        _feed.Subscribe(LiveKind.Edge, _ => heard++).Dispose();
        _feed.Publish(LiveTopic.Of(LiveKind.Edge, EdgeId.New()));
        Assert.Equal(0, heard);
    }

    [Fact]
    public void Publish_ListenerThatThrows_DoesNotKeepItFromTheOthers()
    {
        var heard = 0;
        using var broken = _feed.Subscribe(LiveKind.Edge, _ => throw new InvalidOperationException("broken"));
        using var well = _feed.Subscribe(LiveKind.Edge, _ => heard++);
        _feed.Publish(LiveTopic.Of(LiveKind.Edge, EdgeId.New()));
        Assert.Equal(1, heard);
    }
}

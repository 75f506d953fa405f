using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Shared.Samples;

public sealed class SampleWordsTests
{
    [Fact]
    public void Of_EveryMember_IsItsOwnNameInSnakeCase()
    {
        Assert.Equal("downstream_reset", SampleWords.Of(FlowEnd.DownstreamReset));
        Assert.Equal("fault", SampleWords.Of(FlowEnd.Fault));
        Assert.Equal("receive_buffer_full", SampleWords.Of(DatagramDrop.ReceiveBufferFull));
        Assert.Equal("down", SampleWords.Of(TargetStanding.Down));
        Assert.Equal("draining", SampleWords.Of(RuleStanding.Draining));
        Assert.Equal("no_such_address", SampleWords.Of(BindRefusal.NoSuchAddress));
        Assert.All(Enum.GetValues<FlowEnd>(), end => Assert.Equal(end.ToString(), SampleWords.Of(end).Replace("_", "", StringComparison.Ordinal), ignoreCase: true));
        Assert.All(Enum.GetValues<DatagramDrop>(), drop => Assert.Equal(drop.ToString(), SampleWords.Of(drop).Replace("_", "", StringComparison.Ordinal), ignoreCase: true));
    }

    [Theory]
    [InlineData("ok", TargetStanding.Down, TargetStanding.Up)]
    [InlineData("failing", TargetStanding.Down, TargetStanding.Down)]
    [InlineData("idle", TargetStanding.Unknown, TargetStanding.Unknown)]
    public void Forwarding_Targets_IsOneWord(string expected, TargetStanding first, TargetStanding second)
    {
        var rule = SampleEdge.Rule("web") with { Targets = [SampleEdge.Target("a", first), SampleEdge.Target("b", second)] };
        Assert.Equal(expected, SampleWords.Forwarding(rule));
    }
}

using Portunus.Edge.Engine;

namespace Portunus.Tests.Edge.Engine;

public sealed class RevisionScaleTests
{
    [Fact]
    public void Of_OneEpoch_KeepsTheOrder()
    {
        var scale = new RevisionScale(0);

        Assert.True(scale.Of(3) < scale.Of(4));
    }

    [Fact]
    public void Enter_AnotherRule_EverythingBeforeIsOlderThanItsLowestRevision()
    {
        var scale = new RevisionScale(0);
        var running = scale.Of(5000);

        scale.Enter(1, null, running);

        Assert.True(running < scale.Of(1));
    }

    [Fact]
    public void Enter_TheSameRuleUnderALowerRevision_WhatRunsIsNotOlderThanThat()
    {
        var scale = new RevisionScale(0);
        var (older, running) = (scale.Of(49), scale.Of(50));

        scale.Enter(1, 20, running);

        Assert.Equal(running, scale.Of(20));
        Assert.True(older < scale.Of(15), "an order of the time before concerns what was older then");
        Assert.False(running < scale.Of(15));
        Assert.True(running < scale.Of(21));
    }

    [Fact]
    public void Enter_Twice_LaterEpochsStandAbove()
    {
        var scale = new RevisionScale(0);
        scale.Enter(1, 20, scale.Of(50));
        var running = scale.Of(21);

        scale.Enter(2, null, running);

        Assert.True(running < scale.Of(1));
    }
}

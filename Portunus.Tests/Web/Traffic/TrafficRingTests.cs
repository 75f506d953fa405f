using Portunus.Web.Traffic;

namespace Portunus.Tests.Web.Traffic;

/// <summary>Amounts are spread over the time in which they passed, and what is past is gone.</summary>
public sealed class TrafficRingTests
{
    private const long Now = 1_800_000_000;

    private readonly TrafficRing _ring = new(2);

    [Fact]
    public void AmountOverAGap_RaisesAllItsSecondsAndNoneIntoASpike()
    {
        _ring.Add(Now - 100, Now, [1000, 10]);
        var seconds = Seconds(0, Now - 100, 101);
        Assert.All(seconds[..100], second => Assert.Equal(10, second, 3));
        Assert.Equal(0, seconds[100]);
        Assert.Equal(1000, seconds.Sum(), 2);
        Assert.Equal(10, Seconds(1, Now - 100, 100).Sum(), 3);
    }

    [Fact]
    public void PartsOfSeconds_AreSharedOut()
    {
        _ring.Add(Now + 0.25, Now + 1.25, [100, 0]);
        Assert.Equal([75, 25], Seconds(0, Now, 2), (one, other) => Math.Abs(one - other) < 0.01);
    }

    [Fact]
    public void NoLength_GoesIntoItsSecond()
    {
        _ring.Add(Now + 0.5, Now + 0.5, [100, 0]);
        _ring.Add(Now + 0.9, Now + 0.4, [100, 0]);
        Assert.Equal(200, Seconds(0, Now, 1)[0]);
    }

    [Fact]
    public void MoreThanTheRingHolds_KeepsItsNewestPart()
    {
        _ring.Add(Now - 1800, Now, [1800, 0]);
        Assert.All(Seconds(0, Now - 899, 899), second => Assert.Equal(1, second, 3));
        var minutes = new float[30];
        _ring.ReadMinutes(0, (Now / 60) - 30, minutes);
        Assert.All(minutes, minute => Assert.Equal(60, minute, 2));
        _ring.Add(0, Now, [1e9, 0]);
        Assert.All(Seconds(0, Now - 899, 899), second => Assert.Equal(1 + (1e9 / Now), second, 2));
    }

    [Fact]
    public void WhatIsPast_IsNotReadInPlaceOfWhatIsNow()
    {
        _ring.Add(Now, Now + 1, [100, 0]);
        Assert.All(Seconds(0, Now + 960, 60), second => Assert.Equal(0, second));
        _ring.Add(Now + 960, Now + 961, [7, 0]);
        Assert.Equal(7, Seconds(0, Now + 960, 1)[0]);
        Assert.Equal(0, Seconds(0, Now, 1)[0]);
        // Older than what is there now: let go.
        _ring.Add(Now, Now + 1, [100, 0]);
        Assert.Equal(7, Seconds(0, Now + 960, 1)[0]);
    }

    [Fact]
    public void Rate_IsTheMeanOfTheLastWholeSeconds()
    {
        _ring.Add(Now - 10, Now, [1000, 0]);
        Assert.Equal(100, _ring.Rate(0, Now), 2);
        Assert.Equal(0, _ring.Rate(0, Now + 10));
    }

    [Fact]
    public void Trim_KeepsWhatCanBeAskedFor()
    {
        _ring.Add(Now - 800, Now, [800, 0]);
        _ring.Trim(Now);
        Assert.Equal(1, Seconds(0, Now - 800, 1)[0], 3);
        _ring.Trim(Now + 2000);
        Assert.Equal(0, Seconds(0, Now - 800, 1)[0]);
    }

    private float[] Seconds(int field, long first, int count)
    {
        var into = new float[count];
        _ring.ReadSeconds(field, first, into);
        return into;
    }
}

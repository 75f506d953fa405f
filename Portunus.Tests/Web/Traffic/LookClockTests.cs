using Portunus.Web.Traffic;

namespace Portunus.Tests.Web.Traffic;

/// <summary>When looks were taken, by our clock: their distance is the edge's, their place is never the future.</summary>
public sealed class LookClockTests
{
    [Fact]
    public void LooksHeldUpOnTheWay_KeepTheirDistance()
    {
        var clock = new LookClock();
        Assert.Equal(1000, clock.Map(500, 1000));
        Assert.Equal(1001, clock.Map(501, 1001), 3);
        // Three arrive at once.
        Assert.Equal(1002, clock.Map(502, 1004.5), 2);
        Assert.Equal(1003, clock.Map(503, 1004.5), 2);
        Assert.Equal(1004, clock.Map(504, 1004.5), 2);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void ClockThatWasSet_IsBegunWithAnew(double by)
    {
        var clock = new LookClock();
        clock.Map(500, 1000);
        clock.Map(501, 1001);
        Assert.Equal(1002, clock.Map(502 + by, 1002), 2);
        Assert.Equal(1003, clock.Map(503 + by, 1003), 2);
    }

    [Fact]
    public void ClockThatRunsSlow_DoesNotFallBehind()
    {
        var clock = new LookClock();
        for (var second = 0; second < 100_000; second++)
        {
            clock.Map(second * 0.9995, second);
        }

        Assert.InRange(clock.Newest, 99_998, 99_999);
    }

    [Fact]
    public void NothingIsEverInTheFutureOrBeforeTheLookBefore()
    {
        var (clock, random, before) = (new LookClock(), new Random(7), 0.0);
        for (var second = 0; second < 10_000; second++)
        {
            var mapped = clock.Map(random.NextDouble() * 10_000, second);
            Assert.InRange(mapped, before, second);
            before = mapped;
        }
    }
}

using Portunus.Edge.Limits;

namespace Portunus.Tests.Edge.Limits;

public sealed class TokenBucketTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    // No clock starts at zero, and none has a round frequency.
    private const long Start = 987_654_321_987;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1_000)]
    [InlineData(999_983)]
    [InlineData(100_000_000)]
    [InlineData(12_500_000_000)]
    public void Take_FullBucket_GivesItsBurstAndThenItsRate(long rate)
    {
        var bucket = new TokenBucket(rate, rate, Start);
        Assert.Equal(rate, bucket.Take(long.MaxValue, Start));
        Assert.Equal(0, bucket.Take(1, Start));

        var got = 0L;
        for (var second = 1; second <= 100; second++)
        {
            got += bucket.Take(long.MaxValue, Start + (second * Second));
        }

        Assert.InRange(got, (100 * rate) - 100, 100 * rate);
    }

    [Fact]
    public void Take_OneBytePerSecond_GivesOneEachSecondAndNoneBetween()
    {
        var bucket = TokenBucket.Empty(1, 1, Start);
        for (var second = 1; second <= 20; second++)
        {
            Assert.Equal(0, bucket.Take(1_000_000, Start + (second * Second) - 1000));
            Assert.Equal(1, bucket.Take(1_000_000, Start + (second * Second)));
        }
    }

    [Fact]
    public void Take_WantsMoreThanTheBurst_IsGivenPiecesInsteadOfNothing()
    {
        var bucket = new TokenBucket(1000, 10, Start);
        Assert.Equal(10, bucket.Take(65536, Start));
        Assert.Equal(0, bucket.Take(65536, Start));
        Assert.Equal(5, bucket.Take(65536, Start + (Second / 200)));
    }

    [Fact]
    public void Take_WantsLess_LeavesTheRest()
    {
        var bucket = new TokenBucket(1000, 100, Start);
        Assert.Equal(30, bucket.Take(30, Start));
        Assert.Equal(70, bucket.Available(Start));
        Assert.Equal(70, bucket.Take(100, Start));
    }

    [Fact]
    public void Take_AfterALongQuietTime_NeverGivesMoreThanTheBurst()
    {
        var bucket = new TokenBucket(5000, 7000, Start);
        bucket.Take(7000, Start);
        Assert.Equal(7000, bucket.Take(long.MaxValue, Start + (400 * 24 * 3600 * Second)));
    }

    [Fact]
    public void Take_ClockStandsStillOrLooksBack_GivesNothing()
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        bucket.Take(1000, Start + Second);
        Assert.Equal(0, bucket.Take(1, Start + Second));
        Assert.Equal(0, bucket.Take(1, Start));
    }

    [Fact]
    public void Return_Unspent_CanBeTakenAgainButNotBeyondTheBurst()
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        bucket.Take(600, Start);
        bucket.Return(250);
        Assert.Equal(650, bucket.Take(1000, Start));
        bucket.Return(5000);
        Assert.Equal(1000, bucket.Take(10_000, Start));
    }

    [Fact]
    public void Return_Nothing_ChangesNothing()
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        bucket.Return(0);
        bucket.Return(-5);
        Assert.Equal(1000, bucket.Available(Start));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(7_000_000_001, 70_000_000)]
    [InlineData(12_500_000_000, 125_000_000)]
    public void TicksUntil_ThatManyTicksLater_TheTokensAreThere(long rate, long burst)
    {
        var random = new Random(7);
        var bucket = TokenBucket.Empty(rate, burst, Start);
        var now = Start;
        for (var i = 0; i < 2000; i++)
        {
            var wanted = 1 + random.NextInt64(burst);
            now += bucket.TicksUntil(wanted, now);
            Assert.Equal(0, bucket.TicksUntil(wanted, now));
            Assert.Equal(wanted, bucket.Take(wanted, now));
        }
    }

    [Fact]
    public void TicksUntil_MoreThanTheBurst_CountsToTheBurst()
    {
        var bucket = TokenBucket.Empty(1000, 100, Start);
        Assert.Equal(Second / 10, bucket.TicksUntil(1_000_000, Start));
    }

    [Theory]
    [InlineData(10, 10)]
    [InlineData(1_000_000, 10)]
    [InlineData(10, 1_000_000)]
    public void Reconfigured_AnyRateAndBurst_HasWhatTheOldOneHadAndNoMore(long rate, long burst)
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        bucket.Take(900, Start);
        var changed = bucket.Reconfigured(rate, burst, Start);
        Assert.Equal(Math.Min(100, burst), changed.Take(long.MaxValue, Start));
        Assert.Equal(0, changed.Take(1, Start));
    }

    [Fact]
    public void Reconfigured_InDebt_OwesTheSameTokensAtTheNewRate()
    {
        var bucket = new TokenBucket(1000, 100, Start);
        Assert.True(bucket.TakeWhole(1100, Start));
        var changed = bucket.Reconfigured(500, 500, Start);
        Assert.Equal(0, changed.Take(1, Start + (2 * Second)));
        Assert.Equal(500, changed.Take(long.MaxValue, Start + (3 * Second)));
    }

    [Fact]
    public void TakeWhole_LessThanAsked_IsRefusedAndCostsNothing()
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        Assert.True(bucket.TakeWhole(700, Start));
        Assert.False(bucket.TakeWhole(301, Start));
        Assert.True(bucket.TakeWhole(300, Start));
        Assert.False(bucket.TakeWhole(1, Start));
        Assert.True(bucket.TakeWhole(500, Start + (Second / 2)));
    }

    [Fact]
    public void TakeWhole_LargerThanTheBurst_PassesAFullBucketAndIsPaidBack()
    {
        var bucket = new TokenBucket(1000, 100, Start);
        Assert.True(bucket.TakeWhole(65_507, Start));
        Assert.Equal(0, bucket.Available(Start));
        var paid = Start + (65_407 * Second / 1000);
        Assert.False(bucket.TakeWhole(1, paid));
        Assert.True(bucket.TakeWhole(1, paid + (Second / 1000)));
        Assert.False(bucket.TakeWhole(65_507, paid + (Second / 100)));
        Assert.Equal(paid + (Second / 10), paid + (Second / 100) + bucket.TicksUntil(99, paid + (Second / 100)));
        Assert.True(bucket.TakeWhole(65_507, paid + (Second / 5)));
    }

    [Fact]
    public void TakeWhole_Nothing_PassesInDebtToo()
    {
        var bucket = new TokenBucket(1, 1, Start);
        Assert.True(bucket.TakeWhole(1000, Start));
        Assert.True(bucket.TakeWhole(0, Start));
    }

    [Fact]
    public void TakeWhole_ReturnedAfterwards_CanBeTakenAgain()
    {
        var bucket = new TokenBucket(1000, 1000, Start);
        bucket.TakeWhole(800, Start);
        bucket.Return(800);
        Assert.True(bucket.TakeWhole(1000, Start));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)]
    [InlineData(1_000_000)]
    [InlineData(12_500_000_000)]
    public void TakeWhole_DatagramsOfAllSizes_PassAtTheRateAndNoFaster(long rate)
    {
        var random = new Random(11);
        var burst = Math.Max(1, rate / 100);
        var bucket = new TokenBucket(rate, burst, Start);
        var now = Start;
        var passed = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            now += random.NextInt64(1 + (Second * 2000 / rate));
            var size = random.Next(65_508);
            passed += bucket.TakeWhole(size, now) ? size : 0;
        }

        // The last one may be owed whole.
        var most = burst + (long)((Int128)rate * (now - Start) / Second) + 65_507;
        Assert.InRange(passed, most / 2, most);
    }

    [Fact]
    public async Task TakeWhole_FourThreadsAtOnce_NeverPassMoreThanBurstAndRate()
    {
        const long Rate = 1_000_003;
        const long Burst = 50_000;
        var bucket = new TokenBucket(Rate, Burst, Start);
        var now = Start;
        var passed = 0L;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 200_000; i++)
            {
                var seen = Interlocked.Add(ref now, random.Next(30));
                var size = 1 + random.Next(500);
                Interlocked.Add(ref passed, bucket.TakeWhole(size, seen) ? size : 0);
            }
        })));

        var most = (long)(Burst + ((Int128)Rate * (now - Start) / Second));
        Assert.InRange(passed, most * 9 / 10, most);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(1, 0)]
    public void New_RateOrBurstBelowOne_IsRefused(long rate, long burst) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBucket(rate, burst, Start));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Take_RandomCallsAgainstTheArithmetic_NeverOverGrantsAndNeverLags(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var rate = RandomRate(random);
            var burst = Math.Clamp(random.NextInt64(rate * 2), Math.Max(1, rate / 100), rate * 60);
            var bucket = new TokenBucket(rate, burst, Start);
            var now = Start;
            // What a bucket of exact fractions would hold, in tokens times ticks per second.
            var model = (Int128)burst * Second;
            var calls = 0;
            for (var step = 0; step < 200; step++)
            {
                // A clock whose ticks come in steps of 1/3 µs, as a counter of 3 MHz gives them.
                var elapsed = random.Next(4) == 0 ? 0 : random.NextInt64(Second / 3) / 10 * 10 / 3;
                now += elapsed;
                model = Int128.Min(model + ((Int128)rate * elapsed), (Int128)burst * Second);
                var want = random.Next(3) == 0 ? long.MaxValue : 1 + random.NextInt64(burst * 2);
                var granted = bucket.Take(want, now);
                calls++;
                Assert.InRange(granted, 0, want);
                model -= (Int128)granted * Second;
                // What is there is known to a 1/1024 of a tick.
                Assert.True(model >= -(rate / 1024) - 1, $"seed {seed}, rate {rate}, burst {burst}: {(double)-model / Second} tokens too many after {calls} calls");

                // A token's fraction waits for the next call, and each take and return may round away 1/1024 of a tick.
                var slack = Second + (calls * 2 * (Int128)((rate / 1024) + 1));
                Assert.True(granted == want || model <= slack, $"seed {seed}, rate {rate}, burst {burst}: {(double)model / Second} tokens held back");
                if (random.Next(4) == 0 && granted > 0)
                {
                    var unspent = random.NextInt64(granted + 1);
                    bucket.Return(unspent);
                    model = Int128.Min(model + ((Int128)unspent * Second), (Int128)burst * Second);
                }
            }
        }
    }

    [Fact]
    public async Task Take_FourThreadsAtOnce_NeverGiveMoreThanBurstAndRate()
    {
        const long Rate = 1_000_003;
        const long Burst = 50_000;
        var bucket = new TokenBucket(Rate, Burst, Start);
        var now = Start;
        var granted = 0L;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 200_000; i++)
            {
                // Each thread moves the common clock a little and asks by the time it saw, perhaps an older one.
                var seen = Interlocked.Add(ref now, random.Next(30));
                var got = bucket.Take(1 + random.Next(500), seen);
                var unspent = random.Next(2) == 0 ? random.NextInt64(got + 1) : 0;
                bucket.Return(unspent);
                Interlocked.Add(ref granted, got - unspent);
            }
        })));

        var most = (Int128)Burst + ((Int128)Rate * (now - Start) / Second);
        Assert.InRange(granted, (long)(most * 9 / 10), (long)most);
    }

    private static long RandomRate(Random random) => random.Next(4) switch
    {
        0 => 1 + random.NextInt64(10),
        1 => 1 + random.NextInt64(100_000),
        2 => 1 + random.NextInt64(1_000_000_000),
        _ => 1 + random.NextInt64(12_500_000_000),
    };
}

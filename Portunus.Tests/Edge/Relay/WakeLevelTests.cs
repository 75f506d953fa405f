using Portunus.Edge.Relay;

namespace Portunus.Tests.Edge.Relay;

public sealed class WakeLevelTests
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const int Mib = 1024 * 1024;

    private long _now = 1_000_000;

    [Fact]
    public void Moved_BeforeTheProof_StaysAtOneByte()
    {
        var level = new WakeLevel();
        Assert.False(Run(level, WakeLevel.FirstProof - Mib, perMillisecond: Mib));
        Assert.Equal(1, level.Level);
        Assert.False(level.IsRaised);
    }

    [Theory]
    [InlineData(Mib, WakeLevel.Highest)]
    [InlineData(100_000, 200_000)]
    [InlineData(40_000, 80_000)]
    public void Moved_AfterTheProof_WaitsForWhatComesInTwoMilliseconds(int perMillisecond, int expected)
    {
        var level = new WakeLevel();
        Assert.True(Run(level, WakeLevel.FirstProof + Mib, perMillisecond));
        Assert.InRange(level.Level, expected * 9 / 10, Math.Min(expected * 11 / 10, WakeLevel.Highest));
    }

    [Fact]
    public void Moved_Slowly_IsNeverRaised()
    {
        var level = new WakeLevel();
        Assert.False(Run(level, 40 * Mib, perMillisecond: 30_000));
        Assert.False(level.IsRaised);
    }

    [Fact]
    public void Moved_SoFastThatEachWakeIsFull_NeedsNoLevel()
    {
        var level = new WakeLevel();
        Assert.False(Run(level, 40 * Mib, perMillisecond: (WakeLevel.SelfFilling / 2) + 1));
        Assert.True(Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib));
        Assert.True(Run(level, 40 * Mib, perMillisecond: WakeLevel.SelfFilling));
        Assert.False(level.IsRaised);
    }

    [Fact]
    public void Moved_WithPauses_IsNeverRaised()
    {
        var level = new WakeLevel();
        for (var i = 0; i < 10; i++)
        {
            Assert.False(Run(level, WakeLevel.FirstProof - Mib, perMillisecond: Mib));
            _now += WakeLevel.Pause + 1;
        }
    }

    [Fact]
    public void Moved_WhenTheRateFalls_LowersTheLevel()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Assert.Equal(WakeLevel.Highest, level.Level);
        Run(level, 3 * WakeLevel.FirstProof, perMillisecond: 50_000);
        Assert.InRange(level.Level, 90_000, 110_000);
        Run(level, 3 * WakeLevel.FirstProof, perMillisecond: 20_000);
        Assert.False(level.IsRaised);
    }

    [Fact]
    public void IsOverdue_RaisedAndSilent_AfterTwoMilliseconds()
    {
        var level = new WakeLevel();
        Assert.False(level.IsOverdue(_now + Millisecond));
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Assert.False(level.IsOverdue(_now + Millisecond));
        Assert.True(level.IsOverdue(_now + WakeLevel.Patience));
    }

    [Fact]
    public void Answered_AfterAFetch_FallsAndAsksForTwiceTheProof()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Fetch(level, bytes: 1000);
        Assert.True(level.Answered());
        Assert.False(level.IsRaised);

        Assert.False(Run(level, WakeLevel.FirstProof + Mib, perMillisecond: Mib));
        Assert.True(Run(level, WakeLevel.FirstProof, perMillisecond: Mib));
    }

    [Fact]
    public void Answered_WhileBytesFlow_ChangesNothing()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Assert.False(level.Answered());
        Assert.True(level.IsRaised);
    }

    [Fact]
    public void Answered_AfterTheSenderWentOn_ChangesNothing()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Fetch(level, bytes: 1000);
        Run(level, Mib, perMillisecond: Mib);
        Assert.False(level.Answered());
        Assert.True(level.IsRaised);
    }

    [Fact]
    public void Answered_AfterAFetchThatFoundNothing_ChangesNothing()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        _now += 5 * Millisecond;
        level.Fetched(_now);
        Assert.False(level.Answered());
        Assert.True(level.IsRaised);
    }

    [Fact]
    public void Lower_WhenRaised_SaysSoOnce()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        Assert.False(level.IsResting(_now + WakeLevel.Rest - 1));
        Assert.True(level.IsResting(_now + WakeLevel.Rest));
        Assert.True(level.Lower());
        Assert.False(level.Lower());
        Assert.False(level.IsResting(_now + WakeLevel.Rest));
    }

    [Fact]
    public void Forget_NextFlow_BeginsAfresh()
    {
        var level = new WakeLevel();
        Run(level, 2 * WakeLevel.FirstProof, perMillisecond: Mib);
        level.Forget();
        Assert.False(level.IsRaised);
        Assert.False(Run(level, WakeLevel.FirstProof - Mib, perMillisecond: Mib));
    }

    private void Fetch(WakeLevel level, int bytes)
    {
        _now += 5 * Millisecond;
        level.Moved(bytes, _now);
        level.Fetched(_now);
    }

    /// <summary>Moves this many bytes at this rate; true when the level changed on the way.</summary>
    private bool Run(WakeLevel level, long bytes, int perMillisecond)
    {
        var changed = false;
        while (bytes > 0)
        {
            _now += Millisecond;
            changed |= level.Moved(perMillisecond, _now);
            bytes -= perMillisecond;
        }

        return changed;
    }
}

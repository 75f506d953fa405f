using Portunus.Load.Results;

namespace Portunus.Tests.Tools.Load;

public sealed class LedgerTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3.0, 3.0, 3.0)]
    [InlineData(new[] { 9.0, 1.0, 4.0 }, 4.0, 1.0, 9.0)]
    [InlineData(new[] { 8.0, 2.0, 4.0, 6.0 }, 5.0, 2.0, 8.0)]
    public void Spread_OfReadings_IsMiddleAndEnds(double[] readings, double median, double low, double high) =>
        Assert.Equal(new Spread(median, low, high), Spread.Of(readings));

    [Fact]
    public void Spread_OfNothing_IsRefused() => Assert.Throws<ArgumentException>(() => Spread.Of([]));

    [Fact]
    public void Ratio_OfTwoPeers_IsTakenRoundByRound()
    {
        var ledger = new Ledger();
        // The machine halves its speed after the first round: each round's ratio is the same, the ratio of medians is not needed.
        foreach (var (round, ours, theirs) in new[] { (0, 20.0, 10.0), (1, 10.0, 5.0), (2, 12.0, 4.0) })
        {
            ledger.Add(round, "edge", "gbps", ours);
            ledger.Add(round, "other", "gbps", theirs);
        }

        Assert.Equal(new Spread(2, 2, 3), ledger.Ratio("edge", "other", "gbps"));
    }

    [Fact]
    public void Ratio_ReadingMissingInARound_LeavesTheRoundOut()
    {
        var ledger = new Ledger();
        ledger.Add(0, "edge", "gbps", 10);
        ledger.Add(1, "edge", "gbps", 30);
        ledger.Add(1, "other", "gbps", 10);

        Assert.Equal(new Spread(3, 3, 3), ledger.Ratio("edge", "other", "gbps"));
        Assert.Null(ledger.Ratio("edge", "nobody", "gbps"));
    }

    [Fact]
    public void Better_OfVariants_DependsOnWhatIsGood()
    {
        var ledger = new Ledger();
        ledger.Add(0, "small", "x", 1);
        ledger.Add(0, "large", "x", 2);

        Assert.Equal("large", ledger.Better(["small", "large", "absent"], "x", moreIsBetter: true));
        Assert.Equal("small", ledger.Better(["small", "large", "absent"], "x", moreIsBetter: false));
        Assert.Null(ledger.Better(["absent"], "x", moreIsBetter: true));
    }
}

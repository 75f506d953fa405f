using Portunus.Edge.Link;

namespace Portunus.Tests.Edge.Link;

public sealed class RetryDelayTests
{
    [Fact]
    public void Next_BoundDoublesUpToTheLongest()
    {
        var delay = new RetryDelay(() => 1);
        Assert.Equal([0.5, 1, 2, 4, 8, 16, 20, 20], Enumerable.Range(0, 8).Select(_ => delay.Next().TotalSeconds));
        delay.Reset();
        Assert.Equal(0.5, delay.Next().TotalSeconds);
    }

    [Fact]
    public void Next_IsAnywhereBelowTheBound()
    {
        var random = new Random(5);
        var waits = Enumerable.Range(0, 1000).Select(_ =>
        {
            var delay = new RetryDelay(random.NextDouble);
            delay.Next();
            return delay.Next().TotalSeconds;
        }).ToList();
        // A thousand edges that lost the same control plane: each tenth of the second has about a tenth of them.
        Assert.All(waits, wait => Assert.InRange(wait, 0, 1));
        Assert.All(Enumerable.Range(0, 10), tenth => Assert.InRange(waits.Count(wait => (int)(wait * 10) == tenth), 60, 150));
    }
}

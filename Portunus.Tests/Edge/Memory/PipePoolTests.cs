using Portunus.Edge.Memory;
using Portunus.Edge.Native;

namespace Portunus.Tests.Edge.Memory;

public sealed class PipePoolTests
{
    [Fact]
    public void Return_PipeWithBytesInside_IsClosedAndNeverRentedAgain()
    {
        using var pool = new PipePool();
        var dirty = Rent(pool, large: false);
        dirty.Waiting = 3;
        pool.Return(dirty);

        Assert.Equal(Errno.EBADF, PipeCalls.SizeOf(dirty.ReadEnd).Error);
        Assert.NotSame(dirty, Rent(pool, large: false));
    }

    [Fact]
    public void Return_EmptyPipe_IsUsedAgain()
    {
        using var pool = new PipePool();
        var pipe = Rent(pool, large: true);
        pool.Return(pipe);
        Assert.Same(pipe, Rent(pool, large: true));
        Assert.Equal(PipePool.LargeSize, pipe.Capacity);
    }

    [Fact]
    public void Rent_ManyLargeOnes_FallsBackToSmallOnesAndNeverExceedsItsShare()
    {
        using var pool = new PipePool();
        var pipes = Enumerable.Range(0, 60).Select(_ => Rent(pool, large: true)).ToList();
        Assert.InRange(pipes.Count(pipe => pipe.Capacity == PipePool.LargeSize), 1, 24);
        Assert.Equal(60, pool.Rented);
        pipes.ForEach(pool.Return);
        Assert.Equal(0, pool.Rented);
    }

    private static Pipe Rent(PipePool pool, bool large) =>
        pool.Rent(large, 0) ?? throw new InvalidOperationException("no pipe to be had");
}

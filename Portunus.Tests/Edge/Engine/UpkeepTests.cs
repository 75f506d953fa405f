using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Engine;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Engine;

public sealed class UpkeepTests
{
    [Fact]
    public async Task Work_FailsAndIsDueAtOnce_IsTriedAgainAfterAPause()
    {
        using var turn = new SemaphoreSlim(1, 1);
        var tries = new List<TimeSpan>();
        var watch = Stopwatch.StartNew();
        var second = new TaskCompletionSource();
        await using var upkeep = new Upkeep(turn, Work, () => TimeSpan.FromMilliseconds(1), NullLogger.Instance);
        upkeep.Start();
        upkeep.Wake();
        await Eventually.Within(second.Task);
        Assert.True(tries[1] - tries[0] > TimeSpan.FromMilliseconds(900), $"tried again after {tries[1] - tries[0]}");

        Task Work()
        {
            tries.Add(watch.Elapsed);
            if (tries.Count == 2)
            {
                second.SetResult();
            }

            throw new InvalidOperationException("it fails");
        }
    }

    [Fact]
    public async Task InTurn_AfterDisposal_DoesNothing()
    {
        var turn = new SemaphoreSlim(1, 1);
        var upkeep = new Upkeep(turn, () => Task.CompletedTask, () => TimeSpan.FromHours(1), NullLogger.Instance);
        await upkeep.DisposeAsync();
        turn.Dispose();
        await upkeep.InTurnAsync(() => throw new InvalidOperationException("nobody may ask for this"));
    }
}

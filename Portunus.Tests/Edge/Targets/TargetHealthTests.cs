using Portunus.Edge.Targets;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Edge.Targets;

/// <summary>When a target is thought to be down, and who may try it then.</summary>
public sealed class TargetHealthTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly TargetHealth _health = new(TimeProvider.System);

    [Fact]
    public void New_IsUnknownAndNotDown()
    {
        Assert.Equal((TargetStanding.Unknown, false, 0L), (_health.Standing, _health.IsDown, _health.TotalFailures));
        Assert.Equal((null, null, null), (_health.LastConnectTicks, _health.LastFailure, _health.LastSuccess));
    }

    [Fact]
    public void ThirdFailure_WithinTheWindowOfTheFirst_TakesItDown()
    {
        Assert.False(_health.ReportFailure(0));
        Assert.False(_health.ReportFailure(29 * Second));
        Assert.True(_health.ReportFailure(30 * Second));
        Assert.Equal((TargetStanding.Down, 3, 3L), (_health.Standing, _health.ConsecutiveFailures, _health.TotalFailures));
        Assert.NotNull(_health.LastFailure);
    }

    [Fact]
    public void Failures_ThreeWithinAnyWindow_TakeItDown()
    {
        _health.ReportFailure(0);
        _health.ReportFailure(29 * Second);
        Assert.False(_health.ReportFailure((30 * Second) + 1));
        Assert.True(_health.ReportFailure(59 * Second));
    }

    [Fact]
    public void Failures_NeverThreeWithinAWindow_LeaveItUp()
    {
        for (var i = 0; i < 50; i++)
        {
            Assert.False(_health.ReportFailure(i * 15 * Second + i), $"failure {i}");
        }
    }

    [Fact]
    public void Failure_BeforeAnySuccess_IsNotCalledUp()
    {
        _health.ReportFailure(0);
        Assert.Equal(TargetStanding.Unknown, _health.Standing);
    }

    [Fact]
    public void Probes_FallInARow_TakeItDownAndRiseInARowBringItUp()
    {
        _health.BeginProbing(rise: 2, fall: 3);
        Assert.False(_health.ReportProbeAnswered(7));
        Assert.Equal((TargetStanding.Up, 7L), (_health.Standing, _health.LastConnectTicks));
        Assert.False(_health.ReportProbeFailed(1, "x"));
        Assert.False(_health.ReportProbeFailed(2, "x"));
        Assert.False(_health.ReportProbeAnswered(7));
        Assert.False(_health.ReportProbeFailed(3, "x"));
        Assert.False(_health.ReportProbeFailed(4, "x"));
        Assert.True(_health.ReportProbeFailed(5, "x"));
        Assert.Equal((TargetStanding.Down, 3, 5L), (_health.Standing, _health.ConsecutiveFailures, _health.TotalFailures));
        Assert.False(_health.ReportProbeFailed(6, "x"));
        Assert.False(_health.ReportProbeAnswered(7));
        Assert.False(_health.ReportProbeFailed(8, "x"));
        Assert.False(_health.ReportProbeAnswered(7));
        Assert.True(_health.ReportProbeAnswered(7));
        Assert.Equal(TargetStanding.Up, _health.Standing);
    }

    [Fact]
    public void Probed_DownTarget_GetsNoTrialAndNoFlowBringsItUp()
    {
        _health.BeginProbing(1, 1);
        TakeDown(0);
        Assert.False(_health.TryClaimTrial(1000 * Second));
        for (var i = 0; i < 5; i++)
        {
            Assert.False(_health.ReportSuccess(i, 1));
        }

        Assert.True(_health.IsDown);
        Assert.True(_health.ReportProbeAnswered(1));
    }

    [Fact]
    public void Probe_Answered_DoesNotForgetFailuresOfFlows()
    {
        _health.BeginProbing(1, 1);
        _health.ReportFailure(0);
        _health.ReportProbeAnswered(1);
        _health.ReportFailure(1);
        _health.ReportProbeAnswered(1);
        Assert.True(_health.ReportFailure(2));
    }

    [Fact]
    public void ProbingEnds_DownTarget_IsTriedByFlowsAgain()
    {
        _health.BeginProbing(1, 1);
        _health.ReportProbeFailed(0, "x");
        _health.EndProbing(100 * Second);
        Assert.False(_health.ReportProbeAnswered(1));
        Assert.True(_health.IsDown);
        Assert.False(_health.TryClaimTrial((105 * Second) - 1));
        Assert.True(_health.TryClaimTrial(105 * Second));
    }

    [Fact]
    public void Success_BeforeTheThirdFailure_ForgetsTheOthers()
    {
        _health.ReportFailure(0);
        _health.ReportFailure(1);
        Assert.False(_health.ReportSuccess(2, 7));
        Assert.Equal((TargetStanding.Up, 0, 2L, 7L), (_health.Standing, _health.ConsecutiveFailures, _health.TotalFailures, _health.LastConnectTicks));
        Assert.False(_health.ReportFailure(3));
        Assert.False(_health.ReportFailure(4));
        Assert.True(_health.ReportFailure(5));
    }

    [Fact]
    public void TwoSuccessesInARow_BringItUp()
    {
        TakeDown(0);
        Assert.False(_health.ReportSuccess(6 * Second, 1));
        Assert.False(_health.ReportFailure(7 * Second));
        Assert.False(_health.ReportSuccess(8 * Second, 1));
        Assert.True(_health.IsDown);
        Assert.True(_health.ReportSuccess(9 * Second, 1));
        Assert.Equal(TargetStanding.Up, _health.Standing);
    }

    [Fact]
    public void Trial_IsForOneFlowAfterFiveSecondsAndNeverWhileUp()
    {
        Assert.False(_health.TryClaimTrial(100 * Second));
        TakeDown(0);
        Assert.False(_health.TryClaimTrial((5 * Second) - 1));
        Assert.True(_health.TryClaimTrial(5 * Second));
        Assert.False(_health.TryClaimTrial(6 * Second));
    }

    [Fact]
    public void Trial_ThatFails_DoublesTheDelayUpToAMinute()
    {
        TakeDown(0);
        var now = 0L;
        foreach (var delay in new[] { 5, 10, 20, 40, 60, 60 })
        {
            Assert.False(_health.TryClaimTrial(now + (delay * Second) - 1), $"before {delay} s");
            now += delay * Second;
            Assert.True(_health.TryClaimTrial(now), $"after {delay} s");
            _health.ReportFailure(now);
        }
    }

    [Fact]
    public void Trial_FlowsUnderWayFailAfterItWentDown_IsNotPutOff()
    {
        TakeDown(0);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(_health.ReportFailure(3 * Second));
        }

        Assert.Equal(103, _health.TotalFailures);
        Assert.True(_health.TryClaimTrial(5 * Second));
    }

    [Fact]
    public void Trial_FlowWithoutOneGivesUp_IsNotBroughtForward()
    {
        TakeDown(0);
        _health.AbandonTrial(1 * Second);
        Assert.False(_health.TryClaimTrial(2 * Second));
        Assert.True(_health.TryClaimTrial(5 * Second));
    }

    [Fact]
    public void Trial_ThatSucceeds_LetsTheNextFlowTryAtOnce()
    {
        TakeDown(0);
        Assert.True(_health.TryClaimTrial(5 * Second));
        _health.ReportSuccess(6 * Second, 1);
        Assert.True(_health.TryClaimTrial(6 * Second));
    }

    [Fact]
    public void Trial_AbandonedOrNeverReported_IsFreeAgain()
    {
        TakeDown(0);
        Assert.True(_health.TryClaimTrial(5 * Second));
        _health.AbandonTrial(6 * Second);
        Assert.True(_health.TryClaimTrial(6 * Second));
        Assert.False(_health.TryClaimTrial((66 * Second) - 1));
        Assert.True(_health.TryClaimTrial(66 * Second));
    }

    [Fact]
    public async Task Trial_ClaimedByManyThreads_IsGivenOnce()
    {
        TakeDown(0);
        using var gate = new ManualResetEventSlim();
        var claims = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.Wait();
                return Enumerable.Range(0, 1000).Count(_ => _health.TryClaimTrial(5 * Second));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        gate.Set();
        Assert.Equal(1, (await Task.WhenAll(claims)).Sum());
    }

    private void TakeDown(long now)
    {
        _health.ReportFailure(now);
        _health.ReportFailure(now);
        Assert.True(_health.ReportFailure(now));
    }
}

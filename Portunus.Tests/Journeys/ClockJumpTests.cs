using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>The clock of an edge is set: what has an end by the time of day goes by it, and nothing else takes notice.</summary>
public sealed class ClockJumpTests
{
    private static readonly TimeSpan s_years = TimeSpan.FromDays(3650);

    [Fact]
    public async Task Clock_SetAheadAndBack_EndsOnlyWhatHasAnEnd()
    {
        var clock = new ShiftedClock();
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine(time: clock);
        var limits = new LimitSpec { NewFlowsPerSecond = 1000, ConcurrentFlows = 4 };
        var lasting = RunningEngine.Rule("lasting", target.Port) with { Limits = limits, IdleSeconds = 600 };
        var ending = RunningEngine.Rule("ending", target.Port) with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) };
        var (port, endingPort) = ((int)lasting.ListenPort!, (int)ending.ListenPort!);
        await engine.PutAsync(lasting);
        await engine.PutAsync(ending);
        using var peer = await Peer.ConnectAsync(port);
        using var brief = await Peer.ConnectAsync(endingPort);
        Assert.True(await peer.EchoesAsync() && await brief.EchoesAsync());

        // Back by years: both go on, and a change is carried out.
        clock.Shift = -s_years;
        Assert.Equal(RuleStanding.Listening, (await engine.PutAsync(RunningEngine.Rule("other", target.Port))).Standing);
        Assert.True(await peer.EchoesAsync() && await brief.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(endingPort));

        // Ahead: nobody sets off a timer, and the end is noticed all the same.
        clock.Shift = s_years;
        await brief.ReceiveToResetAsync();
        await Eventually.Holds(() => !ControlledEdge.IsOpen(endingPort), "the rule that has an end stops");
        // Told once all of its duties are done, a moment after the port is closed.
        await Eventually.Holds(() => engine.Reported("ending").Standing == "stopped", "the rule is told as stopped");
        Assert.True(await peer.EchoesAsync());
        Assert.True(await Peer.IsServedAsync(port));

        // Put right: the next plan has the rule again.
        clock.Shift = TimeSpan.Zero;
        await engine.ApplyAsync();
        Assert.True(await Peer.IsServedAsync(endingPort));
        Assert.True(await peer.EchoesAsync());
    }
}

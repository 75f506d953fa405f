using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;
using Portunus.Web.Live;
using Portunus.Web.Plans;

namespace Portunus.Tests.Web.Plans;

public sealed class PlanOutcomesTests
{
    private readonly TestClock _clock = new();
    private readonly LiveFeed _feed = new(NullLogger<LiveFeed>.Instance);
    private readonly EdgeId _edge = EdgeId.New();
    private readonly RuleId[] _rules = [RuleId.New(), RuleId.New(), RuleId.New()];
    private readonly PlanOutcomes _outcomes;

    public PlanOutcomesTests() => _outcomes = new PlanOutcomes(_feed, _clock);

    [Fact]
    public void Record_InParts_IsAppliedWithTheLast()
    {
        Record(4, false, Rule(0, 1, "listening"), Rule(1, 2, "refused"));
        Assert.Null(_outcomes.AppliedBy(_edge));
        Assert.Equal("listening", _outcomes.Find(_edge, _rules[0])?.Rule.Standing);

        var at = _clock.GetUtcNow();
        Record(4, true, Rule(2, 1, "stopped"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Record(4, true, Rule(1, 2, "listening"));

        Assert.Equal(new AppliedPlan(new PlanRevision("e", 4), at), _outcomes.AppliedBy(_edge));
        Assert.Equal("listening listening stopped", Standings());
        Assert.Equal((at, at.AddMinutes(1)), (_outcomes.Find(_edge, _rules[0])!.At, _outcomes.Find(_edge, _rules[1])!.At));
    }

    [Fact]
    public void Record_WholeReportOfAnotherPlan_DropsWhatIsNotInIt()
    {
        Record(4, true, Rule(0, 1, "listening"), Rule(1, 1, "listening"), Rule(2, 1, "listening"));
        Record(5, false, Rule(1, 2, "listening"));
        Assert.Equal("listening listening listening", Standings());
        Record(5, true, Rule(0, 1, "draining"));
        Assert.Equal("draining listening ", Standings());
    }

    [Fact]
    public void Record_OlderPlanAfterANewerOne_IsBelieved()
    {
        Record(9, true, Rule(0, 4, "stopped"), Rule(1, 1, "listening"));
        Record(3, true, Rule(0, 2, "listening"));
        Assert.Equal(3, _outcomes.AppliedBy(_edge)?.Revision.Number);
        Assert.Equal("listening  ", Standings());
    }

    [Fact]
    public void Record_TellsThoseWhoLookAtTheEdge()
    {
        var heard = 0;
        using var one = _feed.Subscribe(LiveTopic.Of(LiveKind.EdgeRules, _edge), _ => heard++);
        Record(1, false, Rule(0, 1, "listening"));
        _outcomes.Record(EdgeId.New(), new PlanReport("e", 1, [], true));
        Assert.Equal(1, heard);
    }

    [Fact]
    public void Record_TextWithoutEnd_IsCut()
    {
        Record(1, true, Rule(0, 1, "refused") with { Text = new string('x', 100_000), Refusal = new string('y', 100_000) });
        var told = _outcomes.Find(_edge, _rules[0])!.Rule;
        Assert.Equal((EdgeOutcomes.MaxText, EdgeOutcomes.MaxText), (told.Text!.Length, told.Refusal!.Length));
    }

    [Fact]
    public void Record_RulesWithoutEnd_AreBounded()
    {
        for (var part = 0; part < 11; part++)
        {
            _outcomes.Record(_edge, new PlanReport("e", 1, [.. Enumerable.Range(0, 10_000).Select(_ => new ReportedRule(RuleId.New(), 1, "listening", _clock.GetUtcNow()))], false));
        }

        Assert.Equal(EdgeOutcomes.MaxRules, _outcomes.List(_edge).Count);
    }

    [Fact]
    public void Forget_LeavesNothing()
    {
        Record(1, true, Rule(0, 1, "listening"));
        _outcomes.Forget(_edge);
        Assert.Null(_outcomes.AppliedBy(_edge));
        Assert.Empty(_outcomes.List(_edge));
    }

    [Fact]
    public async Task Wait_EndsWithTheReportOfThatRevision()
    {
        Record(1, true, Rule(0, 2, "listening"));
        var wait = WaitAsync(3);
        Record(2, false, Rule(1, 3, "listening"));
        Record(2, false, Rule(0, 3, "waiting"));
        _outcomes.Record(_edge, new PlanReport("of before", 2, [Rule(0, 3, "listening")], true));
        Assert.False(wait.IsCompleted);

        Record(2, true, Rule(0, 3, "refused"));
        Assert.True(await Eventually.Within(wait));
        Assert.True(await Eventually.Within(WaitAsync(3)));
        Assert.Null(_clock.NextDue);
    }

    [Fact]
    public async Task Wait_WithoutAReport_EndsWithItsTime()
    {
        var wait = WaitAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(wait.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.False(await Eventually.Within(wait));
    }

    [Fact]
    public async Task Wait_OfACallerWhoWentAway_IsCancelled()
    {
        using var gone = new CancellationTokenSource();
        var wait = _outcomes.WaitAsync(_edge, _rules[0], "e", 1, TimeSpan.FromSeconds(2), gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Eventually.Within(wait));
    }

    private Task<bool> WaitAsync(long revision) => _outcomes.WaitAsync(_edge, _rules[0], "e", revision, TimeSpan.FromSeconds(2), CancellationToken.None);

    private ReportedRule Rule(int rule, long revision, string standing) => new(_rules[rule], revision, standing, _clock.GetUtcNow());

    private void Record(long number, bool isLast, params ReportedRule[] rules) => _outcomes.Record(_edge, new PlanReport("e", number, rules, isLast));

    private string Standings() => string.Join(' ', _rules.Select(rule => _outcomes.Find(_edge, rule)?.Rule.Standing));
}

using Portunus.Web.Outcomes;

namespace Portunus.Tests.Web.Outcomes;

/// <summary>A value or every reason why not, never both.</summary>
public sealed class OutcomeTests
{
    [Fact]
    public void Done_GivesItsValue()
    {
        Outcome<int> outcome = 7;
        Assert.True(outcome.IsDone);
        Assert.Equal(7, outcome.Value);
        Assert.Empty(outcome.Problems);
        Assert.Equal("7", outcome.Select(number => number.ToString()).Value);
        Assert.Throws<InvalidOperationException>(() => outcome.As<string>());
    }

    [Fact]
    public void Refused_GivesEveryReasonAndNoValue()
    {
        Outcome<int> outcome = new List<Problem> { new("one", "a", "One."), new("two", "b", "Two.") };
        Assert.False(outcome.TryGet(out _));
        Assert.Throws<InvalidOperationException>(() => outcome.Value);
        Assert.Equal(["one", "two"], outcome.As<string>().Problems.Select(problem => problem.Code));
        Assert.Equal(["one", "two"], outcome.Select(number => number + 1).Problems.Select(problem => problem.Code));
    }

    [Fact]
    public void Refusal_NeedsAReason() => Assert.Throws<InvalidOperationException>(() => (Outcome<int>)new List<Problem>());
}

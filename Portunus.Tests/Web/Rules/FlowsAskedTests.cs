using Portunus.Web.Rules;

namespace Portunus.Tests.Web.Rules;

public sealed class FlowsAskedTests
{
    [Theory]
    [InlineData("1s", 1)]
    [InlineData("30", 30)]
    [InlineData("5m", 300)]
    [InlineData("24h", 86400)]
    public void Deadline_IsReadWithItsUnit(string text, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), FlowsAsked.Read("drain", text).Value.Deadline);
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("1.5s")]
    [InlineData("25h")]
    [InlineData("86401")]
    [InlineData("30d")]
    [InlineData("99999999999h")]
    public void DeadlineOutOfBounds_IsRefused(string text)
    {
        Assert.Equal("deadline_malformed", Assert.Single(FlowsAsked.Read(null, text).Problems).Code);
    }

    [Fact]
    public void NothingSaid_LeavesItToTheChange()
    {
        Assert.Equal(FlowsAsked.Default, FlowsAsked.Read(null, null).Value);
        Assert.Equal(FlowsKind.Cut, FlowsAsked.Read("cut", null).Value.Kind);
        Assert.Equal(["deadline_malformed", "flows_unknown"], FlowsAsked.Read("later", "x").Problems.Select(problem => problem.Code).Order());
    }
}

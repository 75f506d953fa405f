using Portunus.Shared.Plans;

namespace Portunus.Tests.Shared.Plans;

public sealed class PlanRevisionTests
{
    [Theory]
    [InlineData("a", 2, "a", 1, true)]
    [InlineData("a", 2, "a", 2, true)]
    [InlineData("a", 1, "a", 2, false)]
    [InlineData("b", 1, "a", 9, true)]
    [InlineData("a", 1, "b", 9, true)]
    [InlineData("", 1, "a", 9, true)]
    public void LaterNumberOrAnotherEpoch_TakesOver(string epoch, long number, string oldEpoch, long oldNumber, bool wanted)
    {
        Assert.Equal(wanted, new PlanRevision(epoch, number).TakesOver(new PlanRevision(oldEpoch, oldNumber)));
    }

    [Fact]
    public void NumbersAlone_AreOfNoEpoch()
    {
        PlanRevision plain = 7;

        Assert.Equal(new PlanRevision("", 7), plain);
        Assert.Equal(("7", "e/7"), (plain.ToString(), new PlanRevision("e", 7).ToString()));
    }
}

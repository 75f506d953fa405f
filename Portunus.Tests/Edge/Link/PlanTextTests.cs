using System.Security.Cryptography;
using System.Text;
using Portunus.Edge.Link;
using Portunus.Shared.Ids;
using Portunus.Shared.Json;
using Portunus.Shared.Plans;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Link;

public sealed class PlanTextTests
{
    private static readonly EdgeId s_edge = EdgeId.New();

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"epoch":"e","number":1}""")]
    [InlineData("""{"epoch":"e","number":"x","rules":[],"owner_limits":{}}""")]
    [InlineData("""{"epoch":"e","number":1,"rules":[{"id":"nobody","revision":1}],"owner_limits":{}}""")]
    [InlineData("""{"number":1,"rules":[],"owner_limits":{}}""")]
    public void Read_SoundSumOverWhatIsNoPlan_IsRefused(string plan)
    {
        var read = PlanText.Read(Text(plan, s_edge.ToString()), s_edge);

        Assert.Null(read.Plan);
        Assert.NotNull(read.Problem);
    }

    [Fact]
    public void Read_MembersInAnotherOrder_IsThePlan()
    {
        const string Plan = """{"owner_limits":{},"rules":[],"number":7,"epoch":"e"}""";

        Assert.Equal(new PlanRevision("e", 7), PlanText.Read(Text(Plan, s_edge.ToString()), s_edge).Plan?.Revision);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"form":1}""")]
    [InlineData("""{"form":"1","edge":1,"sha256":2,"plan":3}""")]
    [InlineData("""{"form":1,"edge":1,"sha256":2,"plan":3}""")]
    [InlineData("""{"form":99999999999,"edge":"","sha256":"","plan":{}}""")]
    public void Read_SomethingElse_IsRefused(string text)
    {
        var read = PlanText.Read(Encoding.UTF8.GetBytes(text), s_edge);

        Assert.Null(read.Plan);
        Assert.NotNull(read.Problem);
    }

    [Fact]
    public void Read_ChanceEdits_NeverThrowAndNeverYieldAnotherPlan()
    {
        var whole = PlanText.Write(
            new PlanMessage("epoch", 3, [new PlanEntry { Id = RuleId.New(), Revision = 1, Rule = new RawJson("""{"name":"a"}""") }], new Dictionary<AccountId, RawJson>()),
            s_edge);
        Assert.NotNull(PlanText.Read(whole, s_edge).Plan);
        var random = new Random(15_50);
        for (var i = 0; i < 5000; i++)
        {
            var bytes = MutatedBytes.Of(whole, random, 4, 16);

            // What is changed may be the end of the line.
            var read = PlanText.Read(bytes, s_edge);
            Assert.True(read.Plan is null || PlanText.Write(read.Plan, s_edge).AsSpan().SequenceEqual(whole), Encoding.UTF8.GetString(bytes));
        }
    }

    private static byte[] Text(string plan, string edge)
    {
        var sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(plan)));
        return Encoding.UTF8.GetBytes($$"""{"form":1,"edge":"{{edge}}","sha256":"{{sum}}","plan":{{plan}}}""");
    }
}

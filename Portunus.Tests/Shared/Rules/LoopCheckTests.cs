using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>A rule must not dial itself.</summary>
public sealed class LoopCheckTests
{
    [Theory]
    [InlineData(null, "127.0.0.1", true)]
    [InlineData(null, "127.8.8.8", true)]
    [InlineData(null, "[::1]", true)]
    [InlineData(null, "[::]", true)]
    [InlineData(null, "0.0.0.0", true)]
    [InlineData(null, "LocalHost.", true)]
    [InlineData(null, "[::ffff:127.0.0.1]", true)]
    [InlineData(null, "10.0.0.1", false)]
    [InlineData(null, "local.example", false)]
    [InlineData("0.0.0.0", "127.0.0.1", true)]
    [InlineData("0.0.0.0", "[::1]", false)]
    [InlineData("0.0.0.0", "localhost", true)]
    [InlineData("::", "[::1]", true)]
    [InlineData("::", "127.0.0.1", false)]
    [InlineData("::", "localhost", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    [InlineData("127.0.0.1", "[::]", false)]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("::1", "[::]", true)]
    [InlineData("::1", "localhost", true)]
    [InlineData("127.0.0.5", "localhost", false)]
    [InlineData("127.0.0.5", "0.0.0.0", false)]
    [InlineData("127.0.0.5", "127.0.0.5", true)]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "localhost", false)]
    public void SamePort_IsALoopWhereTheTargetIsTheListener(string? listen, string host, bool wanted)
    {
        var spec = ProblemCases.Sound with { ListenAddress = listen, Target = host + ":8080" };
        Assert.Equal(wanted ? ["target_loop"] : [], RuleCheck.Check(spec).Problems.Select(problem => problem.Code));
        Assert.Empty(RuleCheck.Check(spec with { ListenPort = 8081 }).Problems);
    }

    [Fact]
    public void Loop_IsToldForEachTarget()
    {
        var loop = ProblemCases.SoundTarget with { Host = "127.0.0.1", Port = 8080 };
        var spec = ProblemCases.Sound with { Target = null, Targets = [ProblemCases.SoundTarget, loop, loop with { Host = "::1" }] };
        Assert.Equal(["targets[1]", "targets[2]"], RuleCheck.Check(spec).Problems.Select(problem => problem.Field));

        var withFault = spec with { Targets = [ProblemCases.SoundTarget with { Port = 0 }, loop] };
        Assert.Equal(["targets[0].port", "targets[1]"], RuleCheck.Check(withFault).Problems.Select(problem => problem.Field));
    }

    [Fact]
    public void Range_IsALoopAtTheSameOffsetOnly()
    {
        var range = ProblemCases.Sound with { ListenPort = null, ListenPorts = "80-90" };
        Assert.Equal("target_loop", Assert.Single(RuleCheck.Check(range with { Target = "127.0.0.1:80-90" }).Problems).Code);
        Assert.Empty(RuleCheck.Check(range with { Target = "127.0.0.1:180-190" }).Problems);
    }
}

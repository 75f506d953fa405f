using System.Globalization;
using Portunus.Shared.Rules;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Each number is taken at both ends of its bounds and refused one beyond, with a sentence that names them.</summary>
public sealed class RuleBoundsTests
{
    private static readonly Dictionary<string, (long Least, long Most, Func<long, RuleSpec> Rule)> s_bounds = new()
    {
        ["listen_port"] = (1, 65535, value => ProblemCases.Sound with { ListenPort = value }),
        ["targets[0].port"] = (1, 65535, value => Entry(ProblemCases.SoundTarget with { Port = value })),
        ["targets[0].priority"] = (0, 99, value => Entry(ProblemCases.SoundTarget with { Priority = value })),
        ["targets[0].weight"] = (1, 100, value => Entry(ProblemCases.SoundTarget with { Weight = value })),
        ["health_check.interval_seconds"] = (1, 3600, value => Health(new() { IntervalSeconds = value })),
        ["health_check.timeout_ms"] = (100, 60000, value => Health(new() { IntervalSeconds = 1, TimeoutMs = value })),
        ["health_check.rise"] = (1, 10, value => Health(new() { IntervalSeconds = 1, Rise = value })),
        ["health_check.fall"] = (1, 10, value => Health(new() { IntervalSeconds = 1, Fall = value })),
        ["udp_idle_seconds"] = (5, 3600, value => ProblemCases.Sound with { UdpIdleSeconds = value }),
        ["udp_max_flows"] = (1, 65535, value => ProblemCases.Sound with { UdpMaxFlows = value }),
        ["connect_timeout_ms"] = (100, 60000, value => ProblemCases.Sound with { ConnectTimeoutMs = value }),
        ["idle_seconds"] = (0, 86400, value => ProblemCases.Sound with { IdleSeconds = value }),
    };

    public static TheoryData<string> Fields() => [.. s_bounds.Keys];

    /// <summary>For the page that tells people.</summary>
    internal static IEnumerable<(string Field, long Least, long Most)> Bounds => s_bounds.Select(bound => (bound.Key, bound.Value.Least, bound.Value.Most));

    [Theory]
    [MemberData(nameof(Fields))]
    public void Number_AtItsBounds_IsTaken(string field)
    {
        var (least, most, rule) = s_bounds[field];
        RuleCheckTests.Sound(rule(least));
        RuleCheckTests.Sound(rule(most));
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Number_BeyondItsBounds_IsRefusedWithThem(string field)
    {
        var (least, most, rule) = s_bounds[field];
        foreach (var value in new[] { least - 1, most + 1, long.MinValue, long.MaxValue })
        {
            var problem = Assert.Single(RuleCheck.Check(rule(value)).Problems);
            Assert.Equal(("out_of_range", field), (problem.Code, problem.Field));
            Assert.Equal(
                string.Create(CultureInfo.InvariantCulture, $"{field} must be between {least} and {most}; this is {value}."), problem.Text);
        }
    }

    [Fact]
    public void Name_HasOneTo64Characters()
    {
        RuleCheckTests.Sound(ProblemCases.Sound with { Name = "n" });
        RuleCheckTests.Sound(ProblemCases.Sound with { Name = new string('n', 64) });
    }

    [Fact]
    public void Note_HasUpTo500Characters()
    {
        RuleCheckTests.Sound(ProblemCases.Sound with { Note = "" });
        RuleCheckTests.Sound(ProblemCases.Sound with { Note = new string('n', 500) });
    }

    [Fact]
    public void Targets_AreOneToEight()
    {
        RuleCheckTests.Sound(Entry(ProblemCases.SoundTarget));
        var eight = Enumerable.Range(1, 8).Select(port => ProblemCases.SoundTarget with { Port = port });
        Assert.Equal(8, RuleCheckTests.Sound(ProblemCases.Sound with { Target = null, Targets = [.. eight] }).Targets.Count);
    }

    [Fact]
    public void Range_HasUpTo1024Ports()
    {
        var rule = RuleCheckTests.Sound(ProblemCases.Sound with { ListenPort = null, ListenPorts = "1000-2023", Target = "10.0.0.1:3000-4023" });
        Assert.Equal((1024, 3000), (rule.ListenPorts.Length, rule.Targets[0].FirstPort));
    }

    [Fact]
    public void RangeTarget_MayEndAt65535()
    {
        var range = ProblemCases.Sound with { ListenPort = null, ListenPorts = "80-82", Target = null };
        RuleCheckTests.Sound(range with { Targets = [ProblemCases.SoundTarget with { Port = 65533 }] });
        Assert.Equal("range_overflow", Assert.Single(RuleCheck.Check(range with { Targets = [ProblemCases.SoundTarget with { Port = 65534 }] }).Problems).Code);
    }

    [Fact]
    public void ProbeBytes_AreUpTo512()
    {
        var probe = new HealthCheckSpec { IntervalSeconds = 1, Probe = "raw", Send = new string('a', 1024), Expect = "" };
        RuleCheckTests.Sound(ProblemCases.Sound with { Protocol = "udp", HealthCheck = probe });
    }

    private static RuleSpec Entry(TargetSpec target) => ProblemCases.Sound with { Target = null, Targets = [target] };

    private static RuleSpec Health(HealthCheckSpec check) => ProblemCases.Sound with { HealthCheck = check };
}

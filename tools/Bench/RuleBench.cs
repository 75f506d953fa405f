using System.Text;
using BenchmarkDotNet.Attributes;
using Portunus.Edge.Engine;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;
using Portunus.Shared.Toml;

namespace Portunus.Bench;

/// <summary>What a reload pays, by the number of rules.</summary>
[MemoryDiagnoser]
public class RuleBench
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private RuleSpec[] _specs = [];
    private CheckedRule[] _checked = [];
    private Dictionary<RuleId, PlannedRule> _running = [];
    private EdgePlan _plan = new(1, [], new Dictionary<AccountId, LimitSpec>());
    private byte[] _file = [];

    [Params(10, 1000)]
    public int Rules { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _specs = [.. Enumerable.Range(0, Rules).Select(SampleRules.Spec)];
        _checked = [.. Enumerable.Range(0, Rules).Select(SampleRules.Checked)];
        var planned = SampleRules.Planned(Rules);
        _running = planned.ToDictionary(rule => rule.Id);

        // One rule in ten is another than the one that runs.
        _plan = new EdgePlan(2, [.. planned.Select((rule, index) => index % 10 == 0 ? rule with { Revision = 2, Rule = SampleRules.Checked(Rules + index) } : rule)], _plan.OwnerLimits);
        var text = new StringBuilder();
        for (var index = 0; index < Rules; index++)
        {
            text.Append($"[[rule]]\nname = \"rule-{index}\"\nlisten_port = {SampleRules.FirstPort + index}\ntarget = \"192.0.2.10:443\"\n")
                .Append("deny = [\"198.51.100.0/24\"]\nlimits = { bytes_per_second_in = 10_000_000 } # a remark\n\n");
        }

        _file = Encoding.UTF8.GetBytes(text.ToString());
    }

    [Benchmark]
    public int RuleCheckAll() => _specs.Count(spec => RuleCheck.Check(spec).Rule is not null);

    [Benchmark]
    public int PortClaimsAll() => PortClaims.FindCollisions(_checked).Count;

    [Benchmark]
    public int PlanDiffOneInTen() => PlanDiff.Between(_running, _plan, isNewEpoch: false, s_now).Changed.Count;

    [Benchmark]
    public TomlResult TomlRead() => TomlReader.Read(_file);

    [Benchmark]
    public int RuleFileRead() => RuleFileReader.Read(_file).Problems.Count;
}

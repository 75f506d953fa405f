using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portunus.Shared.Rules;
using Portunus.Tests.House;

namespace Portunus.Tests.Shared.Rules;

/// <summary>Problem codes are a promise to programs: each is produced by a known rule, and no code exists beside them.</summary>
public sealed partial class ProblemCodesTests
{
    /// <summary>Words in the sources that look like codes and are none.</summary>
    private static readonly HashSet<string> s_words = ["round_robin", "least_flows", "source_hash"];

    public static TheoryData<int, string> Cases()
    {
        var rows = new TheoryData<int, string>();
        for (var i = 0; i < ProblemCases.All.Count; i++)
        {
            rows.Add(i, ProblemCases.All[i].Code);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneFault_GivesItsCodeAndNothingElse(int index, string code)
    {
        var wanted = ProblemCases.All[index];
        var result = RuleCheck.Check(wanted.Spec);
        var problem = Assert.Single(result.Problems);
        Assert.Equal((code, wanted.Field), (problem.Code, problem.Field));
        Assert.Null(result.Rule);
        Assert.Matches(@"^\S.*[.?]$", problem.Text);
    }

    [Fact]
    public void EveryCodeInTheSources_IsHitByATest()
    {
        var known = ProblemCases.All.Select(one => one.Code).ToHashSet();
        // Claims and served features concern whole edges, not one rule: PortClaimsTests and ServedFeaturesTests hit these.
        known.UnionWith(["port_collision", "sni_fallback_duplicate", "sni_name_duplicate", ServedFeatures.Code]);
        var found = CodesInSources();
        Assert.True(found.Count > 45, $"only {found.Count} codes found: the search is broken");
        Assert.Equal(found.Order(), known.Order());
    }

    /// <summary>Each snake_case literal of the room that is neither a field nor a word, and what Choose makes of its fields.</summary>
    internal static HashSet<string> CodesInSources()
    {
        var fields = new[] { typeof(RuleSpec), typeof(TargetSpec), typeof(LimitSpec), typeof(HealthCheckSpec) }
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)).ToHashSet();
        var codes = new HashSet<string>();
        foreach (var source in HouseRoot.Sources("Portunus.Shared").Where(file => file.Contains("/Rules/", StringComparison.Ordinal)).Select(File.ReadAllText))
        {
            codes.UnionWith(Literal().Matches(source).Select(match => match.Groups[1].Value).Where(word => !fields.Contains(word) && !s_words.Contains(word)));
            codes.UnionWith(Choice().Matches(source).Select(match => match.Groups[1].Value + "_unknown"));
        }

        return codes;
    }

    [GeneratedRegex("\"([a-z0-9]+(?:_[a-z0-9]+)+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"Choose\([\w.]+, ""(?:[a-z_]+\.)?([a-z_]+)""")]
    private static partial Regex Choice();
}

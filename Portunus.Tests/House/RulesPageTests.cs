using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;
using Portunus.Tests.Shared.Rules;

namespace Portunus.Tests.House;

/// <summary>docs/rules.md says all there is to say: every field with its bounds, every problem code, and examples that work.</summary>
public sealed partial class RulesPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "rules.md"));

    [Fact]
    public void EveryField_HasARow()
    {
        var fields = Names<RuleSpec>("").Except(["targets", "limits", "health_check"]).Append("targets").Append("health_check")
            .Concat(Names<TargetSpec>("targets[].")).Concat(Names<HealthCheckSpec>("health_check.")).Concat(Names<LimitSpec>("limits."));
        var rows = Rows("| field |").SelectMany(row => Code().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value)).ToHashSet();
        Assert.Equal(fields.Order(), rows.Order());
    }

    [Fact]
    public void EveryRow_HasMeaningDefaultAndExample() => Assert.All(Rows("| field |"), row =>
    {
        var cells = row.Split('|')[1..^1];
        Assert.Equal(4, cells.Length);
        Assert.All(cells, cell => Assert.False(string.IsNullOrWhiteSpace(cell), row));
    });

    [Fact]
    public void EveryNumber_HasItsBoundsInItsRow()
    {
        var rows = Rows("| field |").ToArray();
        Assert.All(RuleBoundsTests.Bounds, bound =>
        {
            var field = bound.Field.Replace("[0]", "[]", StringComparison.Ordinal);
            var row = Assert.Single(rows, row => row.Split('|')[1].Contains($"`{field}`", StringComparison.Ordinal));
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{bound.Least}–{bound.Most}"), row, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void EveryProblemCode_HasOneRow()
    {
        var told = Rows("| code |").Select(row => Code().Match(row).Groups[1].Value).ToArray();
        Assert.Equal(ProblemCodesTests.CodesInSources().Order(), told.Order());
    }

    [Fact]
    public void EveryUnservedField_IsNamed()
    {
        var section = s_page[s_page.IndexOf("## Not served yet", StringComparison.Ordinal)..s_page.IndexOf("## Problems", StringComparison.Ordinal)];
        Assert.All(ServedFeaturesTests.Unserved, field => Assert.Contains($"`{field}", section, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryExample_IsAFileThatCanBeUsed()
    {
        var examples = Example().Matches(s_page);
        Assert.True(examples.Count >= 2);
        Assert.All(examples, example => Assert.Empty(RuleFileReader.Read(Encoding.UTF8.GetBytes(example.Groups["text"].Value)).Problems));
    }

    private static IEnumerable<string> Names<T>(string path) => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => path + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));

    /// <summary>The rows of all tables with this head.</summary>
    private static IEnumerable<string> Rows(string head)
    {
        var isInside = false;
        foreach (var line in s_page.Split('\n'))
        {
            isInside = line.StartsWith(head, StringComparison.Ordinal) || (isInside && line.StartsWith('|'));
            if (isInside && line.StartsWith("| `", StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("```toml\n(?<text>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Example();
}

using System.Globalization;
using System.Text.RegularExpressions;
using Portunus.Tests.Shared.Rules;

namespace Portunus.Tests.House;

/// <summary>docs/api.md names every code that the control plane refuses with, and its statuses.</summary>
public sealed partial class ApiPageTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "api.md"));

    private static readonly Dictionary<string, string> s_statuses = Row().Matches(s_page).ToDictionary(match => match.Groups["code"].Value, match => match.Groups["status"].Value);

    private static readonly Dictionary<string, int> s_kinds = new()
    {
        ["Invalid"] = 422, ["NotFound"] = 404, ["Forbidden"] = 403, ["Conflict"] = 409, ["Stale"] = 412, ["Unauthenticated"] = 401,
        ["TooMany"] = 429, ["Malformed"] = 400, ["MediaType"] = 415, ["Method"] = 405, ["Fault"] = 500, ["Gone"] = 410, ["TooLarge"] = 413, ["Unavailable"] = 503,
    };

    [Fact]
    public void EveryCodeInTheSources_HasARow()
    {
        var known = s_statuses.Keys.Concat(ProblemCodesTests.CodesInSources()).ToHashSet();
        // Commands beside the server are answered by sentences and exit codes.
        var used = HouseRoot.Sources("Portunus.Web").Where(file => !file.Contains("/Maintenance/", StringComparison.Ordinal)).Select(File.ReadAllText).SelectMany(Used).ToList();
        Assert.True(used.Count > 100, $"only {used.Count} found: the search is broken");
        Assert.Empty(used.Select(one => one.Code).Except(known));
        Assert.All(used, one => Assert.Contains(one.Status.ToString(CultureInfo.InvariantCulture), s_statuses.GetValueOrDefault(one.Code, "422"), StringComparison.Ordinal));
    }

    [Fact]
    public void EachCode_HasOneRow_AndEachMeaningOneCode()
    {
        var rules = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "rules.md"));
        var ofFields = RuleRow().Matches(rules).Select(match => match.Groups["code"].Value).ToList();
        Assert.True(ofFields.Count > 45, $"only {ofFields.Count} found: the search is broken");
        // The rows of one page are told apart by the dictionary already; both have those that the store refuses otherwise than a file.
        Assert.All(ofFields.Intersect(s_statuses.Keys), code => Assert.Equal("409", s_statuses[code]));
        Assert.Equal(ofFields.Distinct(), ofFields);
        var rows = Row().Matches(s_page).Select(match => match.Groups["meaning"].Value).ToList();
        Assert.Equal(rows.Distinct(), rows);
    }

    /// <summary>One word for one thing: what is missing, what lies in the past.</summary>
    [Fact]
    public void Codes_AreSpelledOneWay()
    {
        Assert.DoesNotContain(s_statuses, row => row.Key.EndsWith("_required", StringComparison.Ordinal) && row.Value == "422");
        Assert.All(s_statuses.Keys.Where(code => code.EndsWith("_past", StringComparison.Ordinal)), code => Assert.EndsWith("_at_past", code, StringComparison.Ordinal));
    }

    [Fact]
    public void EveryRow_IsUsedSomewhere()
    {
        var sources = string.Join('\n', HouseRoot.Sources("Portunus.Web").Concat(HouseRoot.Sources("Portunus.Shared")).Select(File.ReadAllText));
        Assert.All(s_statuses.Keys, code => Assert.True(
            sources.Contains($"\"{code}\"", StringComparison.Ordinal)
            || (code.EndsWith("_not_found", StringComparison.Ordinal) && sources.Contains($"NotFound(\"{code[..^10]}\")", StringComparison.Ordinal)),
            code));
    }

    private static IEnumerable<(string Code, int Status)> Used(string source)
    {
        // A problem has a sentence; subjects and pairs that look like one have none.
        foreach (var match in Made().Matches(source).Where(match => Sentence().IsMatch(match.Value) && (match.Value.Contains("Problem(", StringComparison.Ordinal) || Kind().IsMatch(match.Value))))
        {
            var kind = Kind().Match(match.Value);
            yield return (match.Groups["code"].Value, s_kinds[kind.Success ? kind.Groups[1].Value : "Invalid"]);
        }

        foreach (Match match in Shorthand().Matches(source))
        {
            var code = match.Groups["code"].Value;
            yield return match.Groups["kind"].Value == "NotFound" ? (code + "_not_found", 404) : (code, s_kinds[match.Groups["kind"].Value]);
        }
    }

    [GeneratedRegex(@"^\| `(?<code>[a-z_]+)` \| (?<status>[0-9, ]+) \| (?<meaning>.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| `(?<code>[a-z_]+)` \| [^|0-9][^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex RuleRow();

    [GeneratedRegex("(?:new Problem|Problem [A-Za-z_]+(?: \\{ get; \\})? = new|\\bnew)\\(\"(?<code>[a-z_]+)\", (?:[^;]|;(?= [a-z]))*?(?=new Problem\\(|\\),\n|;\n)", RegexOptions.None)]
    private static partial Regex Made();

    [GeneratedRegex("\"[^\"]+ [^\"]*\"")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"ProblemKind\.([A-Za-z]+)")]
    private static partial Regex Kind();

    [GeneratedRegex("Problem\\.(?<kind>Forbidden|Conflict|NotFound)\\(\"(?<code>[a-z_]+)\"")]
    private static partial Regex Shorthand();
}

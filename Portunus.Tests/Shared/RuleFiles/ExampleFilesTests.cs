using System.Text;
using Portunus.Shared.RuleFiles;
using Portunus.Shared.Rules;
using Portunus.Shared.Toml;
using Portunus.Tests.House;

namespace Portunus.Tests.Shared.RuleFiles;

/// <summary>The files that people start from are right, and say all that there is to say.</summary>
public sealed class ExampleFilesTests
{
    /// <summary>What stands before a line that this version knows and does not serve.</summary>
    private const string NotServed = "#: ";

    [Fact]
    public void StartFile_HasNothingWrong()
    {
        var result = RuleText.Read(Example("rules.toml"), new PortRange(32768, 60999));

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        Assert.Equal(["web", "database", "downloads", "game"], result.File?.Rules.Select(rule => rule.Spec.Name));
    }

    [Fact]
    public void FullFile_HasNothingWrong()
    {
        var result = RuleText.Read(Example("full.toml"), new PortRange(32768, 60999));

        Assert.Empty(result.Problems);
        Assert.Empty(result.Warnings);
        Assert.NotNull(result.File);
    }

    [Fact]
    public void FullFileWithAllLines_IsRefusedOnlyForWhatIsNotServed()
    {
        var result = RuleText.Read(Example("full.toml").Replace(NotServed, "", StringComparison.Ordinal));

        Assert.All(result.Problems, problem => Assert.Equal(ServedFeatures.Code, problem.Code));
        string[] refused = ["health_check", "sni", "sni_fallback", "accept_proxy_protocol"];
        Assert.Superset(result.Problems.Select(Leaf).ToHashSet(), refused.ToHashSet());

        static string Leaf(FileProblem problem) => problem.Field[(problem.Field.LastIndexOf('.') + 1)..];
    }

    [Fact]
    public void FullFile_ShowsEveryKey()
    {
        var toml = TomlReader.Read(Encoding.UTF8.GetBytes(Example("full.toml").Replace(NotServed, "", StringComparison.Ordinal)));
        Assert.Empty(toml.Errors);
        var shown = new HashSet<string>();
        Collect(toml.Root, "", shown);

        // An old name cannot stand beside the new one in the one [defaults] of a file.
        Assert.Equal(RuleFileKeys.All.Order(), shown.Append("defaults.udp_flow_idle_secs").Order());
    }

    [Theory]
    [InlineData("global")]
    [InlineData("defaults")]
    [InlineData("stats")]
    [InlineData("metrics")]
    public void Documentation_NamesEveryKeyOfTheTable(string table)
    {
        var page = File.ReadAllText(Path.Combine(HouseRoot.Folder, "docs", "rule-file.md"));
        var section = page.Split("\n## ").Single(part => part.StartsWith($"`[{table}]`", StringComparison.Ordinal));

        Assert.All(RuleFileKeys.All.Where(key => key.StartsWith(table + ".", StringComparison.Ordinal)),
            key => Assert.Contains($"`{key[(table.Length + 1)..]}`", section, StringComparison.Ordinal));
    }

    private static string Example(string name) => File.ReadAllText(Path.Combine(HouseRoot.Folder, "examples", name));

    private static void Collect(TomlTable table, string prefix, HashSet<string> keys)
    {
        foreach (var entry in table.Entries)
        {
            keys.Add(prefix + entry.Key);
            var below = entry.Value switch
            {
                TomlTable one => [one],
                TomlArray array => array.Values.OfType<TomlTable>(),
                _ => [],
            };
            foreach (var one in below)
            {
                Collect(one, $"{prefix}{entry.Key}.", keys);
            }
        }
    }
}

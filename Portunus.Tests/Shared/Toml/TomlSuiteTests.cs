using System.Text.Json;
using Portunus.Shared.Toml;
using Portunus.Tests.Kit;
using Xunit.Abstractions;

namespace Portunus.Tests.Shared.Toml;

/// <summary>Every case of the public toml-test suite (https://github.com/toml-lang/toml-test) for TOML 1.0.</summary>
public sealed class TomlSuiteTests(ITestOutputHelper output)
{
    [TomlSuiteFact]
    public void Suite_EveryCaseOfToml10_IsReadOrRefusedAsItMust()
    {
        var cases = File.ReadLines(Path.Combine(TomlSuiteFactAttribute.Folder, "files-toml-1.0.0"))
            .Where(name => name.EndsWith(".toml", StringComparison.Ordinal))
            .ToArray();
        var wrong = cases.Select(name => (name, fault: Fault(Path.Combine(TomlSuiteFactAttribute.Folder, name), name)))
            .Where(one => one.fault is not null)
            .Select(one => $"{one.name}: {one.fault}")
            .ToArray();

        var line = $"toml {cases.Length - wrong.Length}/{cases.Length}";
        output.WriteLine(line);
        Console.WriteLine(line);
        Assert.NotEmpty(cases);
        Assert.Empty(wrong);
    }

    private static string? Fault(string file, string name)
    {
        var result = TomlReader.Read(File.ReadAllBytes(file));
        if (name.StartsWith("invalid/", StringComparison.Ordinal))
        {
            return result.Errors.Count == 0 ? "must be refused" : null;
        }

        if (result.Errors is [var first, ..])
        {
            return $"{first.Place.Line}:{first.Place.Column} {first.Text}";
        }

        using var wanted = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(file, ".json")));
        return result.Root.IsWhole ? TaggedJson.Difference(result.Root, wanted.RootElement) : "is not whole";
    }
}

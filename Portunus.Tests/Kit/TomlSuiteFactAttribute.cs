using Portunus.Tests.House;

namespace Portunus.Tests.Kit;

/// <summary>A test over the public toml-test suite that is skipped, saying so, where the suite is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TomlSuiteFactAttribute : FactAttribute
{
    public TomlSuiteFactAttribute()
    {
        if (!Directory.Exists(Folder))
        {
            Skip = $"no toml-test suite in {Folder}; TOML_TEST_DIR names another place";
        }
    }

    public static string Folder { get; } = Environment.GetEnvironmentVariable("TOML_TEST_DIR") is { Length: > 0 } named
        ? named
        : Path.GetFullPath(Path.Combine(HouseRoot.Folder, "../shared/toml-test"));
}

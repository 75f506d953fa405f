namespace Portunus.Tests.Kit;

/// <summary>A test that needs programs and is skipped, saying so, where one is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs)
    {
        Programs = programs;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = programs.Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))).ToArray();
        if (missing.Length > 0)
        {
            Skip = $"{string.Join(", ", missing)}: not installed";
        }
    }

    public IReadOnlyList<string> Programs { get; }
}

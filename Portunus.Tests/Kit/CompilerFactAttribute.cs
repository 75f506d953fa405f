namespace Portunus.Tests.Kit;

/// <summary>A test that needs a C compiler and is skipped, saying so, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute()
    {
        if (Compiler is null)
        {
            Skip = "no C compiler (cc, gcc or clang) on this machine";
        }
    }

    public static string? Compiler { get; } = new[] { "cc", "gcc", "clang" }
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}

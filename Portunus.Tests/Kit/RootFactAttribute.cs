namespace Portunus.Tests.Kit;

/// <summary>A test that becomes another user or makes a network namespace, which root alone may; skipped, saying so, for others.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute(params string[] programs)
    {
        Programs = programs;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        if (Environment.UserName != "root")
        {
            Skip = "root alone may set this up";
        }
        else if (programs.FirstOrDefault(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program)))) is { } missing)
        {
            Skip = $"{missing} is not installed";
        }
    }

    public string[] Programs { get; }
}

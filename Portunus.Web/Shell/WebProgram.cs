using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>What the program does with what it was asked.</summary>
internal static class WebProgram
{
    /// <summary>Every verb, serving first.</summary>
    public static IReadOnlyList<VerbSpec> Verbs { get; } = [VerbSpec.Serve];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Func<string, string?> environment, TextWriter output, TextWriter errors)
    {
        if (CommandLine.Read(arguments, Verbs, out var problems) is not { } asked)
        {
            return await RefuseAsync(problems, errors);
        }

        if (asked.Has("--help"))
        {
            await output.WriteLineAsync(UsageText.Of(Verbs));
            return ExitCode.Done;
        }

        if (asked.Has("--version"))
        {
            await output.WriteLineAsync($"portunus-web {WebVersion.Text}");
            return ExitCode.Done;
        }

        return WebOptionsReader.Read(asked.Flags, environment, out problems) is { } options
            ? await ServeCommand.RunAsync(options, output, errors)
            : await RefuseAsync(problems, errors);
    }

    private static async Task<int> RefuseAsync(IReadOnlyList<string> problems, TextWriter errors)
    {
        foreach (var problem in problems)
        {
            await errors.WriteLineAsync(problem);
        }

        await errors.WriteLineAsync("Run portunus-web --help to see what can be asked.");
        return ExitCode.Asked;
    }
}

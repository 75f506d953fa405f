using Portunus.Web.Maintenance;
using Portunus.Web.Options;

namespace Portunus.Web.Shell;

/// <summary>What the program does with what it was asked.</summary>
internal static class WebProgram
{
    /// <summary>Every verb, serving first.</summary>
    public static IReadOnlyList<VerbSpec> Verbs { get; } = [VerbSpec.Serve, .. DirectoryVerbs.All, .. LocalVerbs.All.Select(verb => verb.Spec)];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Func<string, string?> environment, TextReader input, TextWriter output, TextWriter errors)
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

        if (DirectoryVerbs.All.Contains(asked.Verb))
        {
            return await DirectoryVerbs.RunAsync(asked, environment, output, errors);
        }

        if (WebOptionsReader.Read(asked.Flags, environment, out problems) is not { } options)
        {
            return await RefuseAsync(problems, errors);
        }

        return LocalVerbs.All.FirstOrDefault(verb => verb.Spec == asked.Verb) is { } local
            ? await LocalCommand.RunAsync(local, asked, WithoutDataDir(arguments), options, input, output, errors)
            : await ServeCommand.RunAsync(options, output, errors);
    }

    /// <summary>The running server has its directory; everything else of the line is for it.</summary>
    private static List<string> WithoutDataDir(IReadOnlyList<string> arguments)
    {
        var words = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            if (arguments[i] == WebOptionsReader.DataDirFlag)
            {
                i++;
            }
            else if (!arguments[i].StartsWith($"{WebOptionsReader.DataDirFlag}=", StringComparison.Ordinal))
            {
                words.Add(arguments[i]);
            }
        }

        return words;
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

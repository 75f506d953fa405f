using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary>A command of this machine's command line. The same code runs in the server, where one is running, and else in a process that holds the data directory itself.</summary>
/// <param name="Spec">How it is called.</param>
/// <param name="InputFlag">With this flag, the first line of standard input goes with the command; null takes none.</param>
/// <param name="RunAsync">Does it, and answers an <see cref="ExitCode"/>.</param>
internal sealed record LocalVerb(VerbSpec Spec, string? InputFlag, Func<VerbRun, Task<int>> RunAsync);

/// <summary>One run of a verb.</summary>
/// <param name="Services">Of the server, or of the process that took its place.</param>
/// <param name="Asked">The command line.</param>
/// <param name="Input">The first line of standard input, where it was asked for.</param>
/// <param name="Output">What was asked for.</param>
/// <param name="Errors">Sentences about what did not work.</param>
/// <param name="Cancel">Whoever asked has gone.</param>
internal sealed record VerbRun(IServiceProvider Services, CommandLine Asked, string? Input, TextWriter Output, TextWriter Errors, CancellationToken Cancel)
{
    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    /// <summary>Tells every problem and answers that it failed.</summary>
    public async Task<int> RefuseAsync(IReadOnlyList<Outcomes.Problem> problems)
    {
        foreach (var problem in problems)
        {
            await Errors.WriteLineAsync(problem.Text);
        }

        return ExitCode.Failed;
    }
}

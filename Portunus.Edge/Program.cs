using Portunus.Edge.Link;
using Portunus.Edge.Options;
using Portunus.Edge.Run;
using Portunus.Edge.Standalone;
using Portunus.Edge.Stats;

if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("portunus-edge runs on Linux only: it forwards with epoll and splice.");
    return ExitCode.Failed;
}

if (CommandLineReader.Read(args, Environment.GetEnvironmentVariable, out var problems) is not { } asked)
{
    foreach (var problem in problems)
    {
        await Console.Error.WriteLineAsync(problem);
    }

    await Console.Error.WriteLineAsync(UsageText.Short);
    return ExitCode.Asked;
}

switch (asked.Verb)
{
    case EdgeVerb.Help:
        Console.WriteLine(UsageText.Full);
        return ExitCode.Done;
    case EdgeVerb.Version:
        Console.WriteLine($"portunus-edge {EdgeVersion.Text}");
        return ExitCode.Done;
    case EdgeVerb.Check:
        return await CheckCommand.RunAsync(asked.File, Console.Out, Console.Error);
    case EdgeVerb.Stats:
        return await StatsCommand.RunAsync(asked.StatsSocket ?? StatsPlace.ToRead, asked.Once, CancellationToken.None);
    case EdgeVerb.Enroll:
        return await EnrollCommand.RunAsync(asked, Console.Out, Console.Error, CancellationToken.None);
    case EdgeVerb.Run:
        return await RunCommand.RunAsync(asked);
    default:
        return await StandaloneCommand.RunAsync(asked);
}

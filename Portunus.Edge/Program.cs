using Portunus.Edge.Options;

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
    default:
        await Console.Error.WriteLineAsync("Not there yet.");
        return ExitCode.Failed;
}

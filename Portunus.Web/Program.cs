using Portunus.Web.Database;
using Portunus.Web.Options;
using Portunus.Web.Shell;

if (!OperatingSystem.IsLinux())
{
    await Console.Error.WriteLineAsync("portunus-web runs on Linux only: its store is locked and placed by Linux's rules.");
    return ExitCode.Failed;
}

try
{
    return await WebProgram.RunAsync(args, Environment.GetEnvironmentVariable, Console.In, Console.Out, Console.Error);
}
catch (StartRefusal refusal)
{
    await Console.Error.WriteLineAsync(refusal.Message);
    return refusal.ExitCode;
}

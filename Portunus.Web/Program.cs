using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
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
catch (Exception broken) when (broken is SqliteException or DbUpdateException { InnerException: SqliteException })
{
    // Before anybody is served: a full disk, a file that others hold. While serving, the request is answered so.
    await Console.Error.WriteLineAsync($"The store cannot be read or written: {(broken.InnerException ?? broken).Message}");
    return ExitCode.Failed;
}

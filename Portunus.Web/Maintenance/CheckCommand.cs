using Portunus.Web.Database;
using Portunus.Web.Options;

namespace Portunus.Web.Maintenance;

/// <summary><c>check</c>: what the start would say of the options, without starting.</summary>
internal static class CheckCommand
{
    public static VerbSpec Verb { get; } = new("check", [], VerbSpec.Serve.Flags, "check options and data directory as a start would, and change nothing");

    public static async Task<int> RunAsync(CommandLine asked, Func<string, string?> environment, TextWriter output, TextWriter errors)
    {
        var options = WebOptionsReader.Read(asked.Flags, environment, out var problems);
        var folder = WebOptionsReader.DataDir(asked.Flags, environment);
        var place = folder is null ? null
            : File.Exists(folder) ? $"{folder} is a file; the data directory must be a folder."
            : FileSystemClass.Refusal(Path.GetFullPath(folder), File.ReadLines("/proc/self/mountinfo"));
        foreach (var problem in place is null ? problems : [.. problems, place])
        {
            await errors.WriteLineAsync(problem);
        }

        if (options is null || place is not null)
        {
            return ExitCode.Asked;
        }

        await output.WriteLineAsync($"data directory {options.DataDir}: {(File.Exists(DataDirectory.DatabaseFileOf(options.DataDir)) ? "holds a store" : "no store yet")}");
        await output.WriteLineAsync($"admin interface at {options.AdminListen}, {(options.AdminTlsCert is null ? "plain HTTP" : "HTTPS")}{(options.AdminPublicOrigin is { } site ? $", reached as {site.GetLeftPart(UriPartial.Authority)}" : "")}");
        await output.WriteLineAsync($"link at {options.LinkListen}, metrics at {options.MetricsListen}");
        if (options is { AdminTlsCert: { } cert, AdminTlsKey: { } key } && TlsPair.Read(cert, key, out _)?.Complaint(TimeProvider.System.GetUtcNow()) is { } complaint)
        {
            await errors.WriteLineAsync(complaint);
        }

        await output.WriteLineAsync("The options are good.");
        return ExitCode.Done;
    }
}

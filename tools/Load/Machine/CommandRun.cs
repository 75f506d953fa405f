using System.Diagnostics;

namespace Portunus.Load.Machine;

/// <summary>Runs a program to its end within a bound and takes what it printed.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    /// <summary>What a program of the measurement is started with: none of our runtime's settings, and plain English.</summary>
    public static ProcessStartInfo Quiet(string program)
    {
        var start = new ProcessStartInfo(program) { UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Runs it; past <paramref name="bound"/> or when stopped it is killed and the wait throws.</summary>
    public static async Task<CommandRun> RunAsync(string program, IEnumerable<string> arguments, TimeSpan bound, CancellationToken stop)
    {
        var start = Quiet(program);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new CommandRun(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException late) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"{program} did not end within {bound.TotalSeconds:0} s", late);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>Runs it and throws what it complained about unless it ended with 0.</summary>
    public static async Task<string> MustRunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var run = await RunAsync(program, arguments, TimeSpan.FromSeconds(20), stop);
        return run.ExitCode == 0
            ? run.Output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.ExitCode}: {run.Errors.Trim()}");
    }

    private static bool IsOurs(string name) =>
        name.StartsWith("DOTNET_", StringComparison.Ordinal) || name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase);
}

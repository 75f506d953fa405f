using System.Diagnostics;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Datagrams;

/// <summary>Programs that take part in a run beside the edge: servers that stay, and commands that are run to their end.</summary>
internal sealed class SideProgram : IAsyncDisposable
{
    private static readonly (string Program, string Package)[] s_packages =
        [("dnsmasq", "dnsmasq-base"), ("dig", "bind9-dnsutils"), ("iperf3", "iperf3")];

    private readonly Process _process;
    private readonly Task _reading;
    private string _last = "";

    private SideProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public bool HasEnded => _process.HasExited;

    /// <summary>The last line that it wrote.</summary>
    public string Last => Volatile.Read(ref _last);

    /// <summary>Throws with what to install where one of the programs is missing.</summary>
    public static void Need(params string[] programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").ToArray();
        var missing = s_packages.Where(one => programs.Contains(one.Program) && !folders.Any(folder => File.Exists(Path.Combine(folder, one.Program)))).ToArray();
        if (missing.Length > 0)
        {
            throw new SoakException($"needed here: apt install {string.Join(' ', missing.Select(one => one.Package))}");
        }
    }

    /// <summary>Starts a server, which goes with the object.</summary>
    public static SideProgram Start(string program, params string[] arguments) => new(Run(program, arguments));

    /// <summary>Runs a command to its end and answers what it printed; null when it failed or took longer than <paramref name="bound"/>.</summary>
    public static async Task<string?> PrintedAsync(string program, string[] arguments, TimeSpan bound, CancellationToken cut)
    {
        using var process = Run(program, arguments);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cut);
        late.CancelAfter(bound);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(late.Token);
            var errors = process.StandardError.ReadToEndAsync(late.Token);
            await process.WaitForExitAsync(late.Token);
            _ = await errors;
            return process.ExitCode == 0 ? await output : null;
        }
        catch (OperationCanceledException) when (!cut.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private static Process Run(string program, string[] arguments)
    {
        // Debian keeps servers where an unprivileged PATH does not look.
        var place = program == "dnsmasq" && File.Exists("/usr/sbin/dnsmasq") ? "/usr/sbin/dnsmasq" : program;
        var start = new ProcessStartInfo(place, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            Volatile.Write(ref _last, line);
        }
    }
}

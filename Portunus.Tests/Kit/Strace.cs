using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Portunus.Tests.Kit;

/// <summary>One system call as strace saw it: name, arguments as text, and what it returned.</summary>
internal sealed record TracedCall(string Name, string Arguments, long Result)
{
    /// <summary>The first argument, where it is a descriptor.</summary>
    public int FirstFd => int.TryParse(Arguments.Split(',', ')')[0], CultureInfo.InvariantCulture, out var fd) ? fd : -1;
}

/// <summary>Watches another process's system calls from its start until <see cref="StopAsync"/>.</summary>
internal sealed partial class Strace : IDisposable
{
    private readonly Process _process;
    private readonly string _file;

    private Strace(Process process, string file)
    {
        _process = process;
        _file = file;
    }

    public static Task<Strace> AttachAsync(int pid, params string[] calls) => StartAsync(pid, ["-e", $"trace={string.Join(',', calls)}"]);

    /// <summary>
    /// From now on a call fails with an error instead of being carried out, in each thread those times that
    /// <paramref name="when"/> says ("1..3", "1+" for always).
    /// </summary>
    public static Task<Strace> FailAsync(int pid, string call, string error, string when) => FailAsync(pid, (call, error, when));

    /// <summary>As above, for several calls.</summary>
    public static Task<Strace> FailAsync(int pid, params (string Call, string Error, string When)[] faults) => StartAsync(
        pid,
        [
            "-e", $"trace={string.Join(',', faults.Select(fault => fault.Call))}",
            .. faults.SelectMany(fault => new[] { "-e", $"inject={fault.Call}:error={fault.Error}:when={fault.When}" }),
        ]);

    private static async Task<Strace> StartAsync(int pid, IEnumerable<string> expressions)
    {
        var file = Path.GetTempFileName();
        var start = new ProcessStartInfo("strace", ["-f", "-p", pid.ToString(CultureInfo.InvariantCulture), "-s", "0", .. expressions, "-o", file])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("strace did not start");
        var strace = new Strace(process, file);
        var line = await Eventually.Within(process.StandardError.ReadLineAsync());
        Assert.Contains("attached", line);
        // It says so in one line for all threads it found, and reads on so that it never blocks on a full pipe.
        _ = process.StandardError.ReadToEndAsync();
        return strace;
    }

    /// <summary>Detaches, and answers all calls that came back.</summary>
    public async Task<List<TracedCall>> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await Eventually.Within(_process.WaitForExitAsync());
        var calls = new List<TracedCall>();
        var unfinished = new Dictionary<string, string>();
        foreach (var line in await File.ReadAllLinesAsync(_file))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (thread, text) = (line[..space], line[space..].Trim());
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = text[..^"<unfinished ...>".Length];
                continue;
            }

            var resumed = Resumed().Match(text);
            if (resumed.Success && unfinished.Remove(thread, out var begun))
            {
                text = begun + text[resumed.Length..];
            }

            var call = Call().Match(text);
            if (call.Success)
            {
                calls.Add(new TracedCall(call.Groups[1].Value, call.Groups[2].Value, long.Parse(call.Groups[3].Value, CultureInfo.InvariantCulture)));
            }
        }

        return calls;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        File.Delete(_file);
    }

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>\s*")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\w+)\((.*)\)\s+= (-?\d+)")]
    private static partial Regex Call();
}

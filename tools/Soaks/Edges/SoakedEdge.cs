using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Portunus.Soaks.Verdicts;

namespace Portunus.Soaks.Edges;

/// <summary>The edge under test: the real program in a process of its own, with a rule file in a folder of its own.</summary>
internal sealed class SoakedEdge : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly Task _reading;

    private SoakedEdge(Process process, string folder, EdgeLog log)
    {
        (_process, _folder, Log) = (process, folder, log);
        _reading = ReadAsync();
    }

    public EdgeLog Log { get; }

    public bool HasEnded => _process.HasExited;

    public OpenFiles OpenFiles => OpenFiles.Of(_process.Id);

    /// <summary>As the kernel counts it (VmRSS).</summary>
    public long ResidentBytes
    {
        get
        {
            var line = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/status"))
                .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
    }

    private string RuleFile => Path.Combine(_folder, "rules.toml");

    private string StatsPlace => Path.Combine(_folder, "stats.sock");

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="text">Its rule file.</param>
    /// <param name="expectedErrors">Events that may be logged as errors.</param>
    /// <param name="cut">Ends the wait.</param>
    public static async Task<SoakedEdge> StartAsync(string program, string text, IReadOnlySet<string> expectedErrors, CancellationToken cut)
    {
        var folder = Directory.CreateTempSubdirectory("pt-soak-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "rules.toml"), text, cut);
        var start = new ProcessStartInfo(program, ["--standalone", Path.Combine(folder, "rules.toml"), "--stats-socket", Path.Combine(folder, "stats.sock"), "--log-format", "json"])
        {
            UseShellExecute = false,
            RedirectStandardError = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var edge = new SoakedEdge(process, folder, new EdgeLog { ExpectedErrors = expectedErrors });
        try
        {
            await edge.UntilAsync(_ => true, "the edge answers", cut);
            return edge;
        }
        catch
        {
            await edge.DisposeAsync();
            throw;
        }
    }

    /// <summary>The counters now; null while there is no answer.</summary>
    public async Task<EdgeLook?> TryLookAsync(CancellationToken cut)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(StatsPlace), cut);
            using var reader = new StreamReader(new NetworkStream(socket));
            return await reader.ReadLineAsync(cut) is { } line ? EdgeLook.Parse(line) : null;
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return null;
        }
    }

    /// <summary>The counters now.</summary>
    public Task<EdgeLook> LookAsync(CancellationToken cut) => UntilAsync(_ => true, "the edge answers", cut);

    /// <summary>The counters as the verb <c>stats --once</c> prints them.</summary>
    public async Task<EdgeLook> LookOnceAsync(CancellationToken cut)
    {
        using var process = Process.Start(new ProcessStartInfo(_process.StartInfo.FileName, ["stats", "--once", "--stats-socket", StatsPlace])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException("portunus-edge stats did not start");
        var text = await process.StandardOutput.ReadToEndAsync(cut);
        await process.WaitForExitAsync(cut);
        return process.ExitCode == 0 && EdgeLook.Parse(text) is { } look ? look : throw new SoakException($"portunus-edge stats --once ended with {process.ExitCode}");
    }

    /// <summary>Looks until it holds, for a minute at most.</summary>
    public async Task<EdgeLook> UntilAsync(Func<EdgeLook, bool> holds, string what, CancellationToken cut)
    {
        EdgeLook? last = null;
        await Wait.UntilAsync(async () =>
        {
            if (HasEnded)
            {
                throw new SoakException($"the edge has ended; its last lines:\n{Log.Last}");
            }

            last = await TryLookAsync(cut);
            return last is not null && holds(last);
        }, () => $"{what}; {last}", cut);
        return last!;
    }

    /// <summary>Puts another file in place, at once or as an editor that writes over the old one.</summary>
    public async Task WriteAsync(string text, bool byRename, CancellationToken cut)
    {
        if (byRename)
        {
            await File.WriteAllTextAsync(RuleFile + ".new", text, cut);
            File.Move(RuleFile + ".new", RuleFile, overwrite: true);
        }
        else
        {
            await File.WriteAllTextAsync(RuleFile, text, cut);
        }
    }

    /// <summary>What the log has once a file with this label is in force.</summary>
    public static string InForce(string label) => $"\"event\":\"standalone.reloaded\",\"label\":\"{label}\"";

    /// <summary>Replaces the file, asks for it by signal and waits until it is in force.</summary>
    public async Task ReplaceAsync(string text, string label, CancellationToken cut)
    {
        Log.Await(InForce(label));
        await WriteAsync(text, byRename: true, cut);
        await SignalAsync("HUP");
        await Wait.UntilAsync(() => Log.HasCome(InForce(label)), () => $"file {label} is in force; the edge's last lines:\n{Log.Last}", cut);
    }

    /// <summary>Sends a signal by its name, <c>HUP</c> or <c>TERM</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]) { UseShellExecute = false })
            ?? throw new InvalidOperationException("kill did not start");
        await kill.WaitForExitAsync();
    }

    /// <summary>Stops it as a service manager does; what it does not do in time is a finding.</summary>
    public async Task StopAsync(Findings findings)
    {
        await SignalAsync("TERM");
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            await _reading;
            findings.Expect(_process.ExitCode == 0, $"the edge ended with {_process.ExitCode}");
        }
        catch (TimeoutException)
        {
            findings.Add("the edge did not stop within 30 s");
        }

        foreach (var line in Log.Errors)
        {
            findings.Add($"the edge logged an error: {line}");
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
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            Log.Add(line);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Portunus.Tests.Kit;

/// <summary>The edge as a process of its own, started with real arguments, its log collected line by line.</summary>
internal sealed class EdgeProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;

    private EdgeProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>The program as the tests were built with it.</summary>
    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "portunus-edge");

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>Everything on standard error so far.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Starts it with arguments alone; no stats socket unless the arguments name one.</summary>
    public static EdgeProcess Start(params string[] arguments) => Start([], arguments);

    /// <param name="variables">Set in its environment.</param>
    /// <param name="arguments">Of the program.</param>
    /// <param name="wrapper">A program and its arguments that starts it in its turn and becomes it by exec.</param>
    public static EdgeProcess Start(Dictionary<string, string> variables, string[] arguments, params string[] wrapper)
    {
        string[] line = [.. wrapper, Program, .. arguments];
        if (!arguments.Any(argument => argument.StartsWith("--stats-socket", StringComparison.Ordinal)))
        {
            line = [.. line, "--no-stats"];
        }

        var start = new ProcessStartInfo(line[0], line[1..]) { UseShellExecute = false, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return new EdgeProcess(Process.Start(start) ?? throw new InvalidOperationException("the edge did not start"));
    }

    /// <summary>Starts it on a file and waits until its rules have been told of.</summary>
    public static async Task<EdgeProcess> ListeningAsync(string file, params string[] more)
    {
        var edge = Start(["--standalone", file, .. more]);
        await edge.SaysAsync("enabled rules listen");
        return edge;
    }

    /// <summary>How many lines have this text.</summary>
    public int Count(string text) => _lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until <paramref name="times"/> lines have this text, and answers the last of them.</summary>
    public async Task<string> SaysAsync(string text, int times = 1)
    {
        await Eventually.Holds(
            () => Count(text) >= times || (HasEnded && _reading.IsCompleted),
            $"the edge says \"{text}\"");
        Assert.True(Count(text) >= times, $"the edge never said \"{text}\" but:\n{string.Join('\n', _lines)}");
        return _lines.Last(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Sends a signal by its name, <c>TERM</c> or <c>HUP</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        var run = await CommandRun.RunAsync("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    /// <summary>Waits for its end and answers the exit code.</summary>
    public async Task<int> EndsAsync()
    {
        await Eventually.Within(_process.WaitForExitAsync());
        await Eventually.Within(_reading);
        return _process.ExitCode;
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

    private async Task ReadAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Portunus.Tests.Kit;

/// <summary>A program that goes on while a test speaks with it, over its standard input and output.</summary>
internal sealed class LiveProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;

    private LiveProgram(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    /// <summary>Everything that it wrote so far, errors among it.</summary>
    public string Text => string.Join('\n', _lines);

    public static LiveProgram Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new LiveProgram(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"));
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until a line has this text.</summary>
    public async Task SaysAsync(string text)
    {
        await Eventually.Holds(() => Says(text) || (_process.HasExited && _reading.IsCompleted), $"{_process.StartInfo.FileName} says \"{text}\"");
        Assert.True(Says(text), $"{_process.StartInfo.FileName} never said \"{text}\" but:\n{Text}");
    }

    /// <summary>Sends it a signal and answers the code that it ends with, everything it said being read.</summary>
    public async Task<int> StopAsync(string signal)
    {
        var run = await CommandRun.RunAsync("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(run.ExitCode == 0, run.Errors);
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

    private bool Says(string text) => _lines.Any(line => line.Contains(text, StringComparison.Ordinal));

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
        }
    }
}

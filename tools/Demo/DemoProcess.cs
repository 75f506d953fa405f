using System.Diagnostics;
using System.Globalization;

namespace Portunus.Demo;

/// <summary>A program that runs for as long as the demo does. What it says is kept, the end of it told when it fails.</summary>
internal sealed class DemoProcess : IAsyncDisposable
{
    private const int KeptLines = 200;

    private readonly Process _process;
    private readonly Queue<string> _said = new();
    private readonly Lock _gate = new();
    private readonly Task _reading;

    public DemoProcess(string program, params string[] arguments)
    {
        Name = Path.GetFileName(program);
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        // What this machine's own control plane or edge is told has no part in a demo.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PORTUNUS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        _process = Process.Start(start) ?? throw new DemoFailure($"{program} did not start.");
        _reading = Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
    }

    public string Name { get; }

    /// <summary>Ends when the program does.</summary>
    public Task Ended => _process.WaitForExitAsync();

    public bool HasEnded => _process.HasExited;

    /// <summary>The first line it said, or says from now on, that has a text in it.</summary>
    public async Task<string> SaysAsync(string text, CancellationToken cancel)
    {
        while (true)
        {
            // Before the look, so that the last words of one that ends in between are seen.
            var hasEnded = _process.HasExited && _reading.IsCompleted;
            lock (_gate)
            {
                if (_said.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) is { } line)
                {
                    return line;
                }
            }

            if (hasEnded)
            {
                throw new DemoFailure($"{Name} ended with {_process.ExitCode} and said:\n{LastWords}");
            }

            await Task.Delay(20, cancel);
        }
    }

    /// <summary>Its last lines.</summary>
    public string LastWords
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _said.TakeLast(20));
            }
        }
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public async Task<int> FinishAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
                await _process.WaitForExitAsync();
            }
        }

        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _said.Enqueue(line);
                if (_said.Count > KeptLines)
                {
                    _said.Dequeue();
                }
            }
        }
    }
}

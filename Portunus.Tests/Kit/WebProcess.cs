using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Portunus.Tests.Kit;

/// <summary>The control plane as a process of its own, started with real arguments on a data directory.</summary>
internal sealed class WebProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _text = new();
    private readonly Task _reading;
    private bool _isOver;

    private WebProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "portunus-web");

    public int Id => _process.Id;

    /// <summary>Everything printed and logged so far.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>Where it serves.</summary>
    public Uri Address { get; private set; } = new("http://none.invalid");

    /// <summary>Where edges connect.</summary>
    public Uri LinkAddress { get; private set; } = new("https://none.invalid");

    /// <summary>The setup token it printed.</summary>
    public string SetupToken => Text.Split('\n').First(line => line.StartsWith("Setup token", StringComparison.Ordinal)).Split(": ")[1].Trim();

    /// <summary>Starts it on a port of the kernel's choice and waits until it serves.</summary>
    public static async Task<WebProcess> ServingAsync(string folder, params string[] more)
    {
        string[] link = more.Contains("--link-listen") ? [] : ["--link-listen", "127.0.0.1:0"];
        string[] admin = more.Contains("--admin-listen") ? [] : ["--admin-listen", "127.0.0.1:0"];
        string[] metrics = more.Contains("--metrics-listen") ? [] : ["--metrics-listen", "127.0.0.1:0"];
        var web = new WebProcess(Start(["--data-dir", folder, .. admin, .. link, .. metrics, .. more]));
        await Eventually.Holds(() => web.Text.Contains(" serves ", StringComparison.Ordinal) || web._process.HasExited, "the control plane serves");
        Assert.False(web._process.HasExited, web.Text);
        var said = web.Text;
        var from = said.IndexOf("http", said.IndexOf(" serves ", StringComparison.Ordinal), StringComparison.Ordinal);
        web.Address = new Uri(said[from..said.IndexOf(' ', from)]);
        var to = said.IndexOf("Edges connect to ", StringComparison.Ordinal) + "Edges connect to ".Length;
        web.LinkAddress = new Uri($"https://{said[to..said.IndexOf(';', to)]}");
        return web;
    }

    /// <summary>Runs it to its end with an input, and answers exit code, output and errors.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await Eventually.Within(process.WaitForExitAsync());
        return (process.ExitCode, await output, await errors);
    }

    public async Task SignalAsync(string signal)
    {
        var run = await CommandRun.RunAsync("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        Assert.True(run.ExitCode == 0, run.Errors);
    }

    public async Task<int> StopAsync(string signal = "TERM")
    {
        await SignalAsync(signal);
        await Eventually.Within(_process.WaitForExitAsync());
        await Eventually.Within(_reading);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("PORTUNUS_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("the control plane did not start");
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_text)
            {
                _text.Append(line).Append('\n');
            }
        }
    }
}

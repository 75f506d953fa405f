using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Stats;
using Portunus.Edge.Stats.View;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats.View;

/// <summary>The built program in a real pseudo-terminal, which script(1) makes.</summary>
public sealed class LiveCommandTests : IDisposable
{
    private const string Entered = "\u001b[?1049h";
    private const string Left = "\u001b[?25h\u001b[?1049l";

    private readonly TempFolder _folder = new();
    private readonly StringBuilder _seen = new();
    private Process? _script;

    private string SocketPath => _folder.File("edge.sock");

    public void Dispose()
    {
        if (_script is { HasExited: false })
        {
            _script.Kill(entireProcessTree: true);
        }

        _script?.Dispose();
        _folder.Dispose();
    }

    [ProgramFact("script")]
    public async Task Keys_WalkThePagesAndQuit_TheTerminalIsGivenBack()
    {
        await using var stats = Serve();
        Start("stty rows 24 cols 80");
        await SeenAsync(Entered, "> web");
        await PressAsync("j", "> mail");
        await PressAsync("e", "port_in_use");
        await PressAsync("?", "quit");
        await PressAsync("\u001b", "BY PLAN");
        await PressAsync("\r", "refused");
        await PressAsync("q", Left);
        await EndedAsync("exit:0");
    }

    [ProgramFact("script")]
    public async Task Signal_WhileShown_TheTerminalIsGivenBack()
    {
        await using var stats = Serve();
        Start("stty rows 24 cols 80; echo pid:$$:");
        await SeenAsync(Entered, "> web");
        var pid = int.Parse(Seen().Split(':')[1]);
        await CommandRun.RunAsync("sh", ["-c", $"kill -TERM $(cat /proc/{pid}/task/{pid}/children)"]);
        await SeenAsync(Left);
        await EndedAsync("exit:0");
    }

    [ProgramFact("script")]
    public async Task Edge_GoesAndComesBack_IsSaidAndFollowed()
    {
        var first = Serve();
        Start("stty rows 24 cols 80");
        await SeenAsync("> web");
        await first.DisposeAsync();
        await SeenAsync("is looked for again");
        Forget();
        await using var second = Serve();
        await SeenAsync("2 loops");
        await PressAsync("q", Left);
    }

    [ProgramFact("script")]
    public async Task Resize_NarrowerThenWider_IsFollowed()
    {
        await using var stats = Serve();
        var go = _folder.File("go");
        Start($"stty rows 24 cols 40; (while [ ! -e '{go}' ]; do sleep 0.05; done; stty rows 30 cols 200 </dev/tty) & :");
        await SeenAsync("too small");
        await File.WriteAllTextAsync(go, "");
        await SeenAsync("10.0.0.1:80");
        await PressAsync("q", Left);
    }

    [ProgramFact("script")]
    public async Task NoColor_Set_NoColoursAreSent()
    {
        await using var stats = Serve();
        Start("stty rows 24 cols 80; export NO_COLOR=1");
        await SeenAsync("> web");
        await PressAsync("q", Left);
        Assert.DoesNotContain("\u001b[3", Seen(), StringComparison.Ordinal);
    }

    [ProgramFact("script")]
    public async Task HostileName_InARealTerminal_SendsNoSequenceOfItsOwn()
    {
        await using var stats = Serve("\u001b]0;owned\u0007\u001b[6n");
        Start("stty rows 24 cols 80");
        await SeenAsync("> ?]0;owned??");
        await PressAsync("q", Left);
        Assert.DoesNotContain("\u001b]0", Seen(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[6n", Seen(), StringComparison.Ordinal);
    }

    [ProgramFact("script")]
    public async Task NoEdge_InATerminal_IsASentenceAndTheTerminalIsUntouched()
    {
        Start("stty rows 24 cols 80");
        await SeenAsync("No edge serves stats at");
        await EndedAsync("exit:1");
        Assert.DoesNotContain(Entered, Seen(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_NoTerminal_SaysWhatToUseInstead()
    {
        var run = await CommandRun.RunAsync(Program, ["stats", "--stats-socket", SocketPath]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--once", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_OnceThroughTheProgram_IsOneDocument()
    {
        await using var stats = Serve();
        var run = await CommandRun.RunAsync(Program, ["stats", "--once", "--stats-socket", SocketPath]);
        Assert.Equal(0, run.ExitCode);
        using var document = System.Text.Json.JsonDocument.Parse(run.Output);
        Assert.Equal(2, document.RootElement.GetProperty("rules").GetArrayLength());
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "portunus-edge");

    private StatsSocket Serve(string name = "web")
    {
        var looks = 0;
        var stats = new StatsSocket(
            () => SampleEdge.Sample(Interlocked.Increment(ref looks), SampleEdge.Rule(name, looks * 1000L), SampleEdge.Refused("mail")),
            SocketPath, TimeSpan.FromMilliseconds(100), TimeProvider.System, NullLogger<StatsSocket>.Instance);
        Assert.True(stats.TryStart());
        return stats;
    }

    private void Start(string before)
    {
        var command = $"{before}; '{Program}' stats --stats-socket '{SocketPath}'; echo exit:$?";
        _script = new Process
        {
            StartInfo = new ProcessStartInfo("script", ["-qfec", command, "/dev/null"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            },
        };
        _script.StartInfo.Environment["TERM"] = "xterm";
        _script.StartInfo.Environment["SHELL"] = "/bin/sh";
        _script.StartInfo.Environment.Remove("NO_COLOR");
        _script.Start();
        _ = CollectAsync(_script.StandardOutput);
    }

    private async Task CollectAsync(StreamReader output)
    {
        var buffer = new char[4096];
        while (await output.ReadAsync(buffer) is > 0 and var got)
        {
            lock (_seen)
            {
                _seen.Append(buffer, 0, got);
            }
        }
    }

    private string Seen()
    {
        lock (_seen)
        {
            return _seen.ToString();
        }
    }

    private void Forget()
    {
        lock (_seen)
        {
            _seen.Clear();
        }
    }

    private async Task PressAsync(string keys, string expected)
    {
        Forget();
        await (_script?.StandardInput.WriteAsync(keys) ?? Task.CompletedTask);
        await (_script?.StandardInput.FlushAsync() ?? Task.CompletedTask);
        await SeenAsync(expected);
    }

    private async Task SeenAsync(params string[] expected)
    {
        foreach (var one in expected)
        {
            await Eventually.Holds(() => Seen().Contains(one, StringComparison.Ordinal), $"the screen shows {one}");
        }
    }

    private async Task EndedAsync(string last)
    {
        await SeenAsync(last);
        await Eventually.Within(_script?.WaitForExitAsync() ?? Task.CompletedTask);
    }
}

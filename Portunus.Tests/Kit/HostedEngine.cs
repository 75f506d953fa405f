using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Portunus.Shared.Plans;
using Portunus.Shared.Rules;
using Portunus.Shared.Samples;

namespace Portunus.Tests.Kit;

/// <summary>An engine in a process of its own, spoken to over its input and output; see <see cref="EngineHost"/>.</summary>
internal sealed class HostedEngine : IAsyncDisposable
{
    private readonly Process _process;
    private readonly SemaphoreSlim _turn = new(1, 1);

    private HostedEngine(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan Spent
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts one, through <paramref name="wrapper"/> (setpriv, prlimit and their arguments) where given.</summary>
    public static async Task<HostedEngine> StartAsync(int loops = 1, params string[] wrapper)
    {
        string[] command = [.. wrapper, "dotnet", typeof(EngineHost).Assembly.Location, EngineHost.Verb, loops.ToString(CultureInfo.InvariantCulture)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TieredCompilation"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start");
        var engine = new HostedEngine(process);
        await engine.LookAsync("");
        return engine;
    }

    /// <summary>Stops the engine (STOP) or lets it go on (CONT); what comes meanwhile it finds all at once.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
        if (signal == "STOP")
        {
            // 't' where it is traced besides.
            await Eventually.Holds(
                () => Directory.EnumerateDirectories($"/proc/{Pid}/task").All(task => File.ReadAllText($"{task}/stat").Split(") ")[^1][0] is 'T' or 't'),
                "every thread has stopped");
        }
    }

    public Task<HostReply> PutAsync(RuleSpec spec) => AskAsync($"put {JsonSerializer.Serialize(spec)}");

    /// <summary>Adds or changes a rule that may not reach the edge itself.</summary>
    public Task<HostReply> FenceAsync(RuleSpec spec) => AskAsync($"fence {JsonSerializer.Serialize(spec)}");

    /// <summary>Uses up the pipe memory of the engine's user; answers the bytes that a new pipe holds then.</summary>
    public async Task<int> HogPipesAsync() => int.Parse((await AskAsync("hog pipes")).Text, CultureInfo.InvariantCulture);

    /// <summary>Bytes allocated on the managed heap of the engine's process since its start.</summary>
    public async Task<long> AllocatedAsync() => (await AskAsync("allocated bytes")).Allocated;

    /// <summary>Bytes alive on the managed heap of the engine's process.</summary>
    public async Task<long> HeldAsync() => (await AskAsync("held bytes")).Allocated;

    /// <summary>Sets the soft limit of descriptors of the running engine.</summary>
    public async Task LimitDescriptorsAsync(long most)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", Pid.ToString(CultureInfo.InvariantCulture), $"--nofile={most}:"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }

    public Task<HostReply> LookAsync(string name) => AskAsync($"look {name}");

    public async Task<long> EndsAsync(string name, FlowEnd reason) => (await LookAsync(name)).Ends.GetValueOrDefault(reason.ToString());

    /// <summary>Waits until what the engine says of a rule holds.</summary>
    public async Task<HostReply> EventuallyAsync(string name, Func<HostReply, bool> holds, string what)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var reply = await LookAsync(name);
            if (holds(reply))
            {
                return reply;
            }

            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"did not happen in 30 s: {what}; last {JsonSerializer.Serialize(reply)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }
        finally
        {
            _process.Dispose();
            _turn.Dispose();
        }
    }

    private async Task<HostReply> AskAsync(string line)
    {
        await _turn.WaitAsync();
        try
        {
            await _process.StandardInput.WriteLineAsync(line);
            var answer = await Eventually.Within(_process.StandardOutput.ReadLineAsync());
            Assert.True(answer is not null, "the hosted engine has ended");
            return JsonSerializer.Deserialize<HostReply>(answer) ?? throw new InvalidOperationException("an empty answer");
        }
        finally
        {
            _turn.Release();
        }
    }
}

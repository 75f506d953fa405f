using System.Diagnostics;

namespace Portunus.Load.Machine;

/// <summary>A long-running process of ours with its output in a file. Disposing ends it and all it started.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly string _log;

    private ChildProcess(Process process, string name, string log)
    {
        _process = process;
        _name = name;
        _log = log;
    }

    public int Id => _process.Id;

    /// <summary>The shell only opens the log and then becomes the program, so the id is the program's own and no byte passes through us.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string log)
    {
        var start = CommandRun.Quiet("/bin/sh");
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return new ChildProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start"), program, log);
    }

    /// <summary>A forwarder that died measures nothing: says so with the end of its output.</summary>
    public void ThrowIfEnded()
    {
        if (_process.HasExited)
        {
            var lines = File.Exists(_log) ? File.ReadLines(_log).TakeLast(15) : [];
            throw new InvalidOperationException($"{_name} ended with code {_process.ExitCode}:\n{string.Join('\n', lines)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}

using Portunus.Tests.Kit;

namespace Portunus.Tests.Web.Maintenance;

/// <summary>The passphrase of a backup as a person at a terminal gives it.</summary>
public sealed class PassphraseTests : IDisposable
{
    /// <summary>
    /// A terminal of its own for one command: answers each prompt with the next line, prints all that was shown, and ends as the
    /// command did. Arguments: the answers, separated by |, and the command.
    /// </summary>
    private const string Terminal = """
        import os, pty, re, sys
        answers = sys.argv[1].split('|')
        pid, fd = pty.fork()
        if pid == 0:
            os.execv(sys.argv[2], sys.argv[2:])
        shown, asked = b'', 0
        while True:
            try:
                piece = os.read(fd, 4096)
            except OSError:
                break
            if not piece:
                break
            shown += piece
            if asked < len(answers) and len(re.findall(rb'(?:Passphrase[^:\r\n]*|again): ', shown)) > asked:
                os.write(fd, answers[asked].encode() + b'\r')
                asked += 1
        sys.stdout.write(shown.decode(errors='replace'))
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        """;

    private const string Secret = "seven quiet otters";

    private readonly FilledStore _store = new();
    private readonly DataFolder _away = new();

    public void Dispose()
    {
        _away.Dispose();
        _store.Dispose();
    }

    [ProgramFact("python3")]
    public async Task Terminal_IsAskedTwiceToSealAndOnceToOpen_AndShowsNothing()
    {
        var sealing = await AtTerminalAsync($"{Secret}|{Secret}", "backup", _away.File("b"), "--encrypt", "--data-dir", _store.Path);
        Assert.True(sealing.ExitCode == 0 && sealing.Output.Contains(", encrypted)", StringComparison.Ordinal), sealing.Output + sealing.Errors);
        Assert.DoesNotContain("otters", sealing.Output, StringComparison.Ordinal);
        var opening = await AtTerminalAsync(Secret, "restore", _away.File("b"), "--data-dir", _away.File("x"));
        Assert.True(opening.ExitCode == 0, opening.Output + opening.Errors);
        Assert.DoesNotContain("otters", opening.Output, StringComparison.Ordinal);
        Assert.Equal("lisbon", FilledStore.Read(_away.File("x"), db => db.Edges.Single().Name));
    }

    [ProgramFact("python3")]
    public async Task Terminal_TwoUnlikeOrAWrongOne_IsRefused()
    {
        var unlike = await AtTerminalAsync($"{Secret}|seven quiet badgers", "backup", _away.File("b"), "--encrypt", "--data-dir", _store.Path);
        Assert.True(unlike.ExitCode == 2 && unlike.Output.Contains("not the same", StringComparison.Ordinal), unlike.Output + unlike.Errors);
        Assert.False(File.Exists(_away.File("b")));
        // A key that takes back takes one character back.
        var corrected = await AtTerminalAsync($"{Secret}x\u007f|{Secret}", "backup", _away.File("b"), "--encrypt", "--data-dir", _store.Path);
        Assert.True(corrected.ExitCode == 0, corrected.Output + corrected.Errors);
        var wrong = await AtTerminalAsync("seven quiet badgers", "restore", _away.File("b"), "--data-dir", _away.File("x"));
        Assert.True(wrong.ExitCode == 65, wrong.Output + wrong.Errors);
    }

    [Fact]
    public async Task NobodyAtATerminal_IsToldHowElse()
    {
        var (code, _, errors) = await WebProcess.RunAsync("", "backup", _away.File("b"), "--encrypt", "--data-dir", _store.Path);
        Assert.True(code == 2 && errors.Contains("--passphrase-file", StringComparison.Ordinal), errors);
    }

    private static Task<CommandRun> AtTerminalAsync(string answers, params string[] arguments) =>
        CommandRun.RunAsync("python3", ["-c", Terminal, answers, WebProcess.Program, .. arguments]);
}

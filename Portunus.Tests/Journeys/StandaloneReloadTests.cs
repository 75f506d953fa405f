using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>A running edge and its file: what a new file changes, and what it leaves alone.</summary>
public sealed class StandaloneReloadTests : IAsyncLifetime
{
    private readonly LoopbackTarget _target = LoopbackTarget.Echo();
    private readonly int _port = FreePorts.Take();
    private readonly int _other = FreePorts.Take();
    private readonly RuleFileOnDisk _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _target.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task Hangup_NewRule_ListensAndOpenFlowsOfTheOthersGoOn()
    {
        _file.Write(Rule("a", _port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync(_port);
        _file.Write(Rule("a", _port), Rule("b", _other));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("1 rules added, 0 changed, 0 removed, 1 untouched");
        await EchoAsync(flow);
        using var fresh = await OpenAsync(_other);
    }

    [Theory]
    [InlineData("rewritten")]
    [InlineData("replaced")]
    [InlineData("switched link")]
    public async Task Change_OfTheFileOnDisk_IsNoticedWithoutASignal(string how)
    {
        _file.Write(Rule("a", _port));
        var path = how == "switched link" ? LinkTo(_file.Path) : _file.Path;
        await using var edge = await EdgeProcess.ListeningAsync(path);
        var parts = new[] { Rule("a", _port), Rule("b", _other) };
        if (how == "rewritten")
        {
            _file.Write(parts);
        }
        else if (how == "replaced")
        {
            _file.Replace(parts);
        }
        else
        {
            var second = Path.Combine(_file.Folder, "second.toml");
            await File.WriteAllTextAsync(second, string.Concat(parts));
            File.CreateSymbolicLink(path + ".new", second);
            File.Move(path + ".new", path, overwrite: true);
        }

        await edge.SaysAsync("is read again because it changed");
        await edge.SaysAsync($"listens on 127.0.0.1:{_other}");
    }

    [Fact]
    public async Task Change_HalfWritten_IsReadAgainWhenItIsWhole()
    {
        _file.Write(Rule("a", _port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync(_port);
        var whole = Rule("a", _port) + Rule("b", _other);
        _file.Write(whole[..^20]);
        await edge.SaysAsync("is not used and the running rules stay");
        await EchoAsync(flow);
        _file.Write(whole);
        await edge.SaysAsync($"listens on 127.0.0.1:{_other}");
        await EchoAsync(flow);
    }

    [Fact]
    public async Task Hangup_WrongFile_ChangesNothingAndTellsEveryProblem()
    {
        _file.Write(Rule("a", _port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path, "--log-level", "debug");
        using var flow = await OpenAsync(_port);
        _file.Write(Rule("a", 0), Rule("b", _other, "colour = 1"));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("problems: 2");
        Assert.Contains($"{_file.Path}:4:", await edge.SaysAsync("listen_port"), StringComparison.Ordinal);
        Assert.Contains($"{_file.Path}:12:", await edge.SaysAsync("colour"), StringComparison.Ordinal);
        await EchoAsync(flow);
        using var fresh = await OpenAsync(_port);

        // What the watch sees afterwards is the file that the signal had read, so no news; the good file is.
        await edge.SaysAsync("was touched and says what it said");
        _file.Write(Rule("a", _port), Rule("b", _other));
        await edge.SaysAsync($"listens on 127.0.0.1:{_other}");
        Assert.Equal(1, edge.Count("problems: 2"));
    }

    [Fact]
    public async Task Hangup_NoFile_ChangesNothing()
    {
        _file.Write(Rule("a", _port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        File.Delete(_file.Path);
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("file_unreadable: There is no such file.");
        await edge.SaysAsync("is gone; the running rules stay");
        using var flow = await OpenAsync(_port);

        // Back as it was: in force without a word of change.
        _file.Write(Rule("a", _port));
        await edge.SaysAsync("0 rules added, 0 changed, 0 removed, 1 untouched");
        await EchoAsync(flow);
    }

    [Fact]
    public async Task Hangup_ChangedTargetUnderKeep_LeavesOpenFlowsAndTakesNewOnesThere()
    {
        _file.Write(Rule("a", _port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync(_port);
        await using var second = LoopbackTarget.Echo();
        _file.Write(RuleFileOnDisk.Rule("a", _port, second.Port));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("0 rules added, 1 changed");
        await EchoAsync(flow);
        using var fresh = await OpenAsync(_port);
        Assert.Equal(1, second.Count);
    }

    [Fact]
    public async Task Hangup_ChangedUnderCut_CutsItsFlowsAndNoOthers()
    {
        var cut = RuleFileOnDisk.Global("reload_flows = \"cut\"");
        _file.Write(cut, Rule("a", _port), Rule("b", _other));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync(_port);
        using var neighbour = await OpenAsync(_other);
        _file.Write(cut, Rule("a", _port, "note = \"changed\""), Rule("b", _other));
        await edge.SignalAsync("HUP");
        Assert.Empty(await flow.ReceiveToResetAsync());
        await EchoAsync(neighbour);
    }

    [Fact]
    public async Task Hangup_RemovedRule_DrainsForTheTimeOfTheFileAndThenCuts()
    {
        var drain = RuleFileOnDisk.Global("shutdown_drain_secs = 1");
        _file.Write(drain, Rule("a", _port), Rule("b", _other));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync(_other);
        _file.Write(drain, Rule("a", _port));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("0 rules added, 0 changed, 1 removed, 1 untouched");
        Assert.Empty(await flow.ReceiveToResetAsync());
        await edge.SaysAsync("has ended its last flow");
    }

    [Fact]
    public async Task Hangup_OtherLogAndStats_Follow()
    {
        _file.Write(Rule("a", _port));
        var socket = Path.Combine(_file.Folder, "s2");
        await using var edge = EdgeProcess.Start("--standalone", _file.Path, "--stats-socket=" + socket);
        await edge.SaysAsync("enabled rules listen");
        Assert.True(File.Exists(socket));
        _file.Write(RuleFileOnDisk.Global("log_format = \"json\""), Rule("a", _port));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("\"event\":\"standalone.reloaded\"");
        Assert.True(File.Exists(socket));
    }

    private string Rule(string name, int port, string more = "") => RuleFileOnDisk.Rule(name, port, _target.Port, more);

    private static string LinkTo(string path)
    {
        var link = path + ".link";
        File.CreateSymbolicLink(link, path);
        return link;
    }

    private static async Task<Peer> OpenAsync(int port)
    {
        var peer = await Peer.ConnectAsync(port);
        await EchoAsync(peer);
        return peer;
    }

    private static async Task EchoAsync(Peer peer)
    {
        await peer.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await peer.ReceiveAsync(4));
    }
}

using System.Net;
using System.Net.Sockets;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>How the process starts, or says why it does not.</summary>
public sealed class StandaloneStartTests
{
    [Fact]
    public async Task Start_GoodFile_ForwardsAndEndsWith0()
    {
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("web", port, target.Port));
        await using var edge = await EdgeProcess.ListeningAsync(file.Path);
        using (var peer = await Peer.ConnectAsync(port))
        {
            await peer.SendAsync("hello"u8.ToArray());
            Assert.Equal("hello"u8.ToArray(), await peer.ReceiveAsync(5));
        }

        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        Assert.Contains("5 bytes in, 5 bytes out, 1 flows opened", await edge.SaysAsync("rule_totals"), StringComparison.Ordinal);
    }

    [ProgramFact("curl")]
    public async Task Start_HttpTarget_ServesCurl()
    {
        await using var target = new LoopbackTarget(async peer =>
        {
            await peer.Socket.ReceiveAsync(new byte[4096], SocketFlags.None);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nyes"u8.ToArray());
            peer.EndSending();
        });
        var port = FreePorts.Take();
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("web", port, target.Port));
        await using var edge = await EdgeProcess.ListeningAsync(file.Path);
        var run = await CommandRun.RunAsync("curl", ["-sS", $"http://127.0.0.1:{port}/"]);
        Assert.Equal((0, "yes"), (run.ExitCode, run.Output));
    }

    [Fact]
    public async Task Start_WrongFile_TellsEveryProblemAndEndsWith2()
    {
        using var file = new RuleFileOnDisk("[[rule]]\nname = \"a\"\nlisten_port = 0\ntarget = \"x\"\n[[rule]]\nlisten_prt = 1\n");
        await using var edge = EdgeProcess.Start("--standalone", file.Path);
        Assert.Equal(2, await edge.EndsAsync());
        Assert.True(edge.Lines.Count >= 4, string.Join('\n', edge.Lines));
        Assert.All(edge.Lines, line => Assert.Matches(@"^.*rules\.toml:\d+:\d+: [a-z_]+: .", line));
    }

    [Fact]
    public async Task Start_NoFile_EndsWith2()
    {
        await using var edge = EdgeProcess.Start("--standalone", "/nowhere/rules.toml");
        Assert.Equal(2, await edge.EndsAsync());
        Assert.Equal("/nowhere/rules.toml: file_unreadable: There is no such file.", Assert.Single(edge.Lines));
    }

    [Theory]
    [InlineData("--help", 0, "Exit codes")]
    [InlineData("--version", 0, "portunus-edge ")]
    [InlineData("", 2, "Nothing is asked")]
    [InlineData("--standalon x", 2, "did you mean --standalone?")]
    [InlineData("enroll", 2, "enrolment line")]
    public async Task Start_ByArguments_AnswersWithTheExitCodeOfTheUsage(string line, int code, string said)
    {
        var run = await CommandRun.RunAsync(EdgeProcess.Program, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(said, code == 0 ? run.Output : run.Errors, StringComparison.Ordinal);
        Assert.Empty(code == 0 ? run.Errors : run.Output);
    }

    [Fact]
    public async Task Start_OnePortTaken_ForwardsTheOthersAndBindsWhenItIsFree()
    {
        await using var target = LoopbackTarget.Echo();
        var (free, taken) = (FreePorts.Take(), FreePorts.Take());
        using var holder = Hold(taken);
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", free, target.Port), RuleFileOnDisk.Rule("b", taken, target.Port));
        await using var edge = await EdgeProcess.ListeningAsync(file.Path);
        await edge.SaysAsync("1 of 2 enabled rules listen; the 1 refused are tried again");
        Assert.Contains($"Port {taken} is in use", await edge.SaysAsync("rule_refused"), StringComparison.Ordinal);
        await EchoesAsync(free);

        holder.Dispose();
        await edge.SaysAsync($"listens on 127.0.0.1:{taken}");
        await EchoesAsync(taken);
    }

    [Fact]
    public async Task Start_EveryPortTaken_EndsWith1()
    {
        var taken = FreePorts.Take();
        using var holder = Hold(taken);
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", taken, 9), RuleFileOnDisk.Rule("off", FreePorts.Take(), 9, "enabled = false"));
        await using var edge = EdgeProcess.Start("--standalone", file.Path);
        Assert.Equal(1, await edge.EndsAsync());
        Assert.Equal(1, edge.Count("Not one of 1 enabled rules could listen"));
    }

    [Fact]
    public async Task Start_SameFileTwice_RefusesTheSecondProcessOnly()
    {
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", port, target.Port));
        await using var first = await EdgeProcess.ListeningAsync(file.Path);
        await using var second = EdgeProcess.Start("--standalone", file.Path);
        Assert.Equal(1, await second.EndsAsync());
        await EchoesAsync(port);
    }

    [Fact]
    public async Task Start_AfterOneThatWasKilledWithOpenFlows_BindsAtOnce()
    {
        await using var target = LoopbackTarget.Echo();
        var port = FreePorts.Take();
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", port, target.Port));
        await using var first = await EdgeProcess.ListeningAsync(file.Path);
        using var peer = await Peer.ConnectAsync(port);
        await peer.SendAsync("x"u8.ToArray());
        await peer.ReceiveAsync(1);
        await first.SignalAsync("KILL");
        await first.EndsAsync();

        await using var second = await EdgeProcess.ListeningAsync(file.Path);
        Assert.Equal(0, second.Count("rule_refused"));
        await EchoesAsync(port);
    }

    [Fact]
    public async Task Start_JsonLog_IsOneObjectALineWithTheLabel()
    {
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Global("label = \"box\"\nlog_format = \"text\""), RuleFileOnDisk.Rule("a", FreePorts.Take(), 9));
        await using var edge = await EdgeProcess.ListeningAsync(file.Path, "--log-format", "json", "--log-level", "debug");
        await edge.SignalAsync("INT");
        Assert.Equal(0, await edge.EndsAsync());
        Assert.NotEmpty(edge.Lines);
        foreach (var line in edge.Lines)
        {
            var json = System.Text.Json.JsonDocument.Parse(line).RootElement;
            Assert.Equal("box", json.GetProperty("label").GetString());
            Assert.Matches(@"^[a-z]+\.[a-z_]+$", json.GetProperty("event").GetString());
        }
    }

    [Fact]
    public async Task Start_QuietLevelOfTheFile_SaysNothingOfWhatIsWell()
    {
        var port = FreePorts.Take();
        await using var target = LoopbackTarget.Echo();
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Global("log_level = \"warn\""), RuleFileOnDisk.Rule("a", port, target.Port));
        await using var edge = EdgeProcess.Start("--standalone", file.Path);
        await Eventually.Holds(() => Answers(port), "the edge listens");
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        Assert.Empty(edge.Lines);
    }

    [Fact]
    public async Task Start_StatsSocketThatCannotBe_IsAWarning()
    {
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", FreePorts.Take(), 9));
        await using var edge = await EdgeProcess.ListeningAsync(file.Path, "--stats-socket", "/proc/nowhere/edge.sock");
        Assert.Contains(" warn ", await edge.SaysAsync("Stats are not served on /proc/nowhere/edge.sock"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_StatsSocketAndMetrics_AreServed()
    {
        var metrics = FreePorts.Take();
        using var file = new RuleFileOnDisk($"[metrics]\nlisten = \"127.0.0.1:{metrics}\"\n", RuleFileOnDisk.Rule("a", FreePorts.Take(), 9));
        var socket = Path.Combine(file.Folder, "s");
        await using var edge = await EdgeProcess.ListeningAsync(file.Path, "--stats-socket", socket);
        var run = await CommandRun.RunAsync(EdgeProcess.Program, ["stats", "--once", "--stats-socket", socket]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\"name\": \"a\"", run.Output, StringComparison.Ordinal);

        using var http = new HttpClient();
        Assert.Contains("portunus_edge_", await Eventually.Within(http.GetStringAsync($"http://127.0.0.1:{metrics}/metrics")), StringComparison.Ordinal);
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        Assert.False(File.Exists(socket));
    }

    [ProgramFact("prlimit")]
    public async Task Start_LowLimitOfOpenFiles_IsRaisedAsFarAsItGoesAndWarnedOf()
    {
        using var file = new RuleFileOnDisk(RuleFileOnDisk.Rule("a", FreePorts.Take(), 9));
        await using var edge = EdgeProcess.Start([], ["--standalone", file.Path], "prlimit", "--nofile=300:1200");
        Assert.Contains(" warn ", await edge.SaysAsync("Only 1200 descriptors are allowed, enough for about 200 flows"), StringComparison.Ordinal);
        await edge.SaysAsync("enabled rules listen");
        Assert.Contains("1200 ", File.ReadLines($"/proc/{edge.Id}/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [RootFact("unshare", "setpriv")]
    public async Task Start_LowPortWithoutTheCapability_IsRefused()
    {
        using var file = LowPort();
        await using var edge = StartAsNobody(file, "-all");
        Assert.Equal(1, await edge.EndsAsync());
        Assert.Contains("\"refusal\":\"not_permitted\"", await edge.SaysAsync("rule_refused"), StringComparison.Ordinal);
    }

    [RootFact("unshare", "setpriv")]
    public async Task Start_LowPortWithTheCapability_Listens()
    {
        using var file = LowPort();
        await using var edge = StartAsNobody(file, "-all,+net_bind_service");
        await edge.SaysAsync("rule_listens");
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
    }

    private static RuleFileOnDisk LowPort()
    {
        var file = new RuleFileOnDisk("[[rule]]\nname = \"a\"\nlisten_port = 81\ntarget = \"127.0.0.1:9\"\n");
        File.SetUnixFileMode(file.Folder, File.GetUnixFileMode(file.Folder) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return file;
    }

    /// <summary>In a network namespace of its own, so that neither the ports nor the settings of this machine have a say.</summary>
    private static EdgeProcess StartAsNobody(RuleFileOnDisk file, string capabilities) => EdgeProcess.Start(
        [],
        ["--standalone", file.Path, "--log-format", "json"],
        "unshare", "--net", "setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
        $"--inh-caps={capabilities}", $"--ambient-caps={capabilities}", $"--bounding-set={capabilities}");

    private static Socket Hold(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen();
        return socket;
    }

    private static bool Answers(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task EchoesAsync(int port)
    {
        using var peer = await Peer.ConnectAsync(port);
        await peer.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await peer.ReceiveAsync(4));
    }
}

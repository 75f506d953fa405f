using System.Net.Sockets;
using System.Text;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>How the process ends, and what it tells a service manager on the way.</summary>
public sealed class StandaloneStopTests : IAsyncLifetime
{
    private readonly LoopbackTarget _target = LoopbackTarget.Echo();
    private readonly int _port = FreePorts.Take();
    private readonly RuleFileOnDisk _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _target.DisposeAsync();
        _file.Dispose();
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Signal_WithAnOpenFlow_StopsListeningAndWaitsForIt(string signal)
    {
        _file.Write(Rule(300));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync();
        await edge.SignalAsync(signal);
        await edge.SaysAsync("1 flows have up to 300 s to finish");
        await Assert.ThrowsAsync<SocketException>(() => Peer.ConnectAsync(_port));
        await EchoAsync(flow);
        flow.EndSending();
        Assert.Empty(await flow.ReceiveToEndAsync());
        Assert.Equal(0, await edge.EndsAsync());
        await edge.SaysAsync("0 flows were cut");
    }

    [Fact]
    public async Task Signal_ASecondOne_CutsAtOnce()
    {
        _file.Write(Rule(3600));
        var stats = Path.Combine(_file.Folder, "s");
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path, "--stats-socket", stats);
        using var flow = await OpenAsync();
        await edge.SignalAsync("TERM");
        await edge.SaysAsync("1 flows have up to 3600 s to finish");
        Assert.False(edge.HasEnded);

        // Whoever looks meanwhile sees what it waits for.
        var look = await CommandRun.RunAsync(EdgeProcess.Program, ["stats", "--once", "--stats-socket", stats]);
        Assert.Contains("\"draining\"", look.Output, StringComparison.Ordinal);
        await edge.SignalAsync("INT");
        Assert.Empty(await flow.ReceiveToResetAsync());
        Assert.Equal(0, await edge.EndsAsync());
        await edge.SaysAsync("1 flows were cut");
    }

    [Fact]
    public async Task Signal_FlowThatOutlastsTheDrain_IsCutAtItsEnd()
    {
        _file.Write(Rule(1));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync();
        await edge.SignalAsync("TERM");
        Assert.Empty(await flow.ReceiveToResetAsync());
        Assert.Equal(0, await edge.EndsAsync());
    }

    [Fact]
    public async Task Signal_DrainTimeOfTheLastFile_Counts()
    {
        _file.Write(Rule(3600));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var flow = await OpenAsync();
        _file.Write(Rule(0));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("0 rules added, 0 changed, 0 removed, 1 untouched");
        await EchoAsync(flow);
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        await edge.SaysAsync("1 flows were cut");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Notice_OverALife_TellsTheServiceManager(bool isAbstract)
    {
        _file.Write(Rule(7));
        var place = isAbstract ? $"@portunus-test-{Guid.NewGuid():N}" : Path.Combine(_file.Folder, "n");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + place[1..] : place));
        await using var edge = EdgeProcess.Start(new() { ["NOTIFY_SOCKET"] = place }, ["--standalone", _file.Path]);
        Assert.Equal("READY=1\nSTATUS=1 of 1 enabled rules listen", await NoticeAsync(manager));

        var before = MonotonicMicroseconds();
        await edge.SignalAsync("HUP");
        var reloading = (await NoticeAsync(manager)).Split('\n');
        Assert.Equal("RELOADING=1", reloading[0]);
        Assert.InRange(long.Parse(reloading[1]["MONOTONIC_USEC=".Length..]), before, MonotonicMicroseconds());
        Assert.StartsWith("READY=1\n", await NoticeAsync(manager), StringComparison.Ordinal);

        _file.Write("nonsense");
        await edge.SignalAsync("HUP");
        Assert.StartsWith("RELOADING=1", await NoticeAsync(manager), StringComparison.Ordinal);
        Assert.Contains("STATUS=The last file was refused", await NoticeAsync(manager), StringComparison.Ordinal);

        await edge.SignalAsync("TERM");
        var stopping = await NoticeAsync(manager);
        Assert.StartsWith("STOPPING=1\n", stopping, StringComparison.Ordinal);
        Assert.Contains("EXTEND_TIMEOUT_USEC=17000000", stopping, StringComparison.Ordinal);
        Assert.Equal(0, await edge.EndsAsync());
    }

    [Fact]
    public async Task Notice_NobodyThere_IsAWarningAndNoMore()
    {
        _file.Write(Rule(0));
        await using var edge = EdgeProcess.Start(new() { ["NOTIFY_SOCKET"] = "/nowhere/notify" }, ["--standalone", _file.Path]);
        await edge.SaysAsync("The service manager at /nowhere/notify cannot be told");
        using var flow = await OpenAsync();
    }

    private static async Task<string> NoticeAsync(Socket manager)
    {
        var buffer = new byte[4096];
        var received = await Eventually.Within(manager.ReceiveAsync(buffer, SocketFlags.None));
        return Encoding.UTF8.GetString(buffer, 0, received);
    }

    private static long MonotonicMicroseconds() => System.Diagnostics.Stopwatch.GetTimestamp() / 1000;

    private string Rule(int drainSeconds) =>
        RuleFileOnDisk.Global($"shutdown_drain_secs = {drainSeconds}") + RuleFileOnDisk.Rule("a", _port, _target.Port);

    private async Task<Peer> OpenAsync()
    {
        var peer = await Peer.ConnectAsync(_port);
        await EchoAsync(peer);
        return peer;
    }

    private static async Task EchoAsync(Peer peer)
    {
        await peer.SendAsync("echo"u8.ToArray());
        Assert.Equal("echo"u8.ToArray(), await peer.ReceiveAsync(4));
    }
}

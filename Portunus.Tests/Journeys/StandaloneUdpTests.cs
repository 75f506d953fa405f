using System.Text.Json;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Journeys;

/// <summary>UDP rules of a file, in a process of their own: start, reload during traffic, stop.</summary>
public sealed class StandaloneUdpTests : IAsyncLifetime
{
    private readonly DatagramTarget _first = new(datagram => [[1, .. datagram.Payload]]);
    private readonly DatagramTarget _second = new(datagram => [[2, .. datagram.Payload]]);
    private readonly int _port = FreePorts.Take();
    private readonly RuleFileOnDisk _file = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        _file.Dispose();
    }

    [Fact]
    public async Task Start_FileOfVersionThree_ServesUdpAndTcpOnOnePortAndRanges()
    {
        await using var stream = LoopbackTarget.Echo();
        var targets = FreePorts.Take(2);
        await using var one = DatagramTarget.Echo(port: targets);
        await using var two = new DatagramTarget(datagram => [[.. datagram.Payload, 2]], port: targets + 1);
        var ports = FreePorts.Take(2);
        _file.Write(
            "[defaults]\nprotocol = \"udp\"\nudp_max_flows = 1024\nudp_flow_idle_secs = 60\n",
            Rule("game", _port, _first.Port, "udp_max_flows = 512\nudp_flow_idle_secs = 120"),
            RuleFileOnDisk.Rule("web", _port, stream.Port, "protocol = \"tcp\""),
            $"[[rule]]\nname = \"voice\"\nlisten_address = \"127.0.0.1\"\nlisten_ports = \"{ports}-{ports + 1}\"\ntarget = \"127.0.0.1:{targets}-{targets + 1}\"\n");
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var source = new DatagramPeer(_port);
        Assert.Equal([1, 7], await source.AskAsync(7));
        Assert.True(await Peer.IsServedAsync(_port));
        using var voice = new DatagramPeer(ports + 1);
        Assert.Equal([9, 2], await voice.AskAsync(9));
        await edge.SaysAsync("3 of 3 enabled rules listen");
    }

    [Fact]
    public async Task Stats_OfARunningEdge_TellDatagramsFlowsAndDrops()
    {
        _file.Write(Rule("dns", _port, _first.Port, "udp_max_flows = 1"));
        var socket = Path.Combine(_file.Folder, "s");
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path, "--stats-socket", socket);
        using var source = new DatagramPeer(_port);
        using var tooMany = new DatagramPeer(_port);
        await source.AskAsync(7, 7);
        tooMany.Send(8);
        JsonElement rule = default;
        for (var seen = 0L; seen == 0;)
        {
            var look = await CommandRun.RunAsync(EdgeProcess.Program, ["stats", "--once", "--stats-socket", socket]);
            Assert.Equal(0, look.ExitCode);
            using var document = JsonDocument.Parse(look.Output);
            rule = document.RootElement.GetProperty("rules")[0].Clone();
            seen = rule.GetProperty("drops_in").TryGetProperty("over_cap", out var drops) ? drops.GetInt64() : 0;
        }

        Assert.Equal("udp", rule.GetProperty("protocol").GetString());
        Assert.Equal("ok", rule.GetProperty("forwarding").GetString());
        Assert.Equal(
            (1, 1, 2, 3, 1),
            (Number("datagrams_in"), Number("datagrams_out"), Number("bytes_in"), Number("bytes_out"), Number("flows_active")));

        long Number(string name) => rule.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task Reload_DuringTraffic_LosesNothingAndKeepsTheFlow()
    {
        _file.Write(Rule("game", _port, _first.Port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var stop = new CancellationTokenSource();
        var asking = Task.Run(async () =>
        {
            using var source = new DatagramPeer(_port);
            byte count = 0;
            do
            {
                Assert.Equal([1, ++count], await source.AskAsync(count));
            }
            while (!stop.IsCancellationRequested);
        });
        for (var i = 1; i <= 10; i++)
        {
            _file.Write(Rule("game", _port, _first.Port, $"udp_max_flows = {100 + i}"), Rule("other", FreePorts.Take(), _second.Port));
            await edge.SignalAsync("HUP");
            await edge.SaysAsync("Rule game", times: 1 + i);
        }

        await stop.CancelAsync();
        await Eventually.Within(asking);
        await edge.SignalAsync("TERM");
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        Assert.Contains("1 flows opened", edge.Lines.Last(line => line.Contains("Rule game", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keep", 1)]
    [InlineData("cut", 2)]
    public async Task Reload_AnotherTarget_DoesToTheFlowWhatTheFileSays(string policy, byte answerer)
    {
        _file.Write(Rule("game", _port, _first.Port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var source = new DatagramPeer(_port);
        Assert.Equal([1, 7], await source.AskAsync(7));
        _file.Write(RuleFileOnDisk.Global($"reload_flows = \"{policy}\""), Rule("game", _port, _second.Port));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("0 rules added, 1 changed, 0 removed, 0 untouched");
        Assert.Equal([answerer, 8], await source.AskAsync(8));
    }

    [Fact]
    public async Task Reload_RuleRenamed_FlowGoesOnAndNewSourcesAreServed()
    {
        _file.Write(Rule("before", _port, _first.Port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var old = new DatagramPeer(_port);
        await old.AskAsync(7);
        _file.Write(Rule("after", _port, _second.Port));
        await edge.SignalAsync("HUP");
        await edge.SaysAsync("1 rules added, 0 changed, 1 removed, 0 untouched");
        using var fresh = new DatagramPeer(_port);
        Assert.Equal([2, 8], await fresh.AskAsync(8));
        Assert.Equal([1, 9], await old.AskAsync(9));
    }

    [Fact]
    public async Task Signal_WithAFlow_WaitsUntilItIsSilentAndEndsWithTheTotals()
    {
        _file.Write(RuleFileOnDisk.Global("shutdown_drain_secs = 300"), Rule("game", _port, _first.Port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var source = new DatagramPeer(_port);
        await source.AskAsync(7, 7, 7);
        await edge.SignalAsync("TERM");
        await edge.SaysAsync("1 flows have up to 300 s to finish");
        Assert.Equal([1, 8], await source.AskAsync(8));
        Assert.Equal(0, await edge.EndsAsync());
        await edge.SaysAsync("0 flows were cut");
        await edge.SaysAsync("since the start: 4 bytes in 2 datagrams in, 6 bytes in 2 datagrams out, 1 flows opened, 0 open; dropped in: none; dropped out: none");
    }

    [Fact]
    public async Task Signal_ASecondOne_CutsAtOnce()
    {
        _file.Write(RuleFileOnDisk.Global("shutdown_drain_secs = 3600"), Rule("game", _port, _first.Port));
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        using var source = new DatagramPeer(_port);
        await source.AskAsync(7);
        await edge.SignalAsync("TERM");
        await edge.SaysAsync("1 flows have up to 3600 s to finish");
        await edge.SignalAsync("TERM");
        Assert.Equal(0, await edge.EndsAsync());
        await edge.SaysAsync("1 flows were cut");
    }

    [Fact]
    public async Task Start_PortTaken_RefusesTheRuleAndListensOnceItIsFree()
    {
        _file.Write(Rule("taken", _port, _first.Port), Rule("free", FreePorts.Take(), _second.Port));
        var holder = new DatagramTarget(port: _port);
        await using var edge = await EdgeProcess.ListeningAsync(_file.Path);
        await edge.SaysAsync($"PortInUse at port {_port}");
        await holder.DisposeAsync();
        await edge.SaysAsync($"listens on 127.0.0.1:{_port}");
        using var source = new DatagramPeer(_port);
        Assert.Equal([1, 7], await source.AskAsync(7));
    }

    private static string Rule(string name, int port, int targetPort, string more = "") =>
        RuleFileOnDisk.Rule(name, port, targetPort, $"protocol = \"udp\"\n{more}");
}

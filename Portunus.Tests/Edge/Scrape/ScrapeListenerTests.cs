using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Scrape;
using Portunus.Shared.Ids;
using Portunus.Shared.Plans;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Scrape;

public sealed class ScrapeListenerTests : IAsyncDisposable
{
    private readonly LogLines<ScrapeListener> _log = new();
    private readonly ScrapeListener _listener;
    private EdgeSample? _sample = SampleEdge.Sample(0, SampleEdge.Rule("web", 10, 20));

    public ScrapeListenerTests()
    {
        _listener = Listener(0);
        Assert.True(_listener.TryStart());
    }

    private int Port => _listener.Address?.Port ?? 0;

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [ProgramFact("curl")]
    public async Task Metrics_Curl_GetsTheTextAndItsType()
    {
        var run = await CurlAsync("/metrics", "-i");
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith(MetricText.Write(_sample ?? SampleEdge.Sample(0)), run.Output, StringComparison.Ordinal);
    }

    [ProgramFact("curl")]
    public async Task Metrics_Head_IsToldTheLengthAlone()
    {
        var run = await CurlAsync("/metrics", "-I");
        var length = Encoding.UTF8.GetByteCount(MetricText.Write(_sample ?? SampleEdge.Sample(0)));
        Assert.Contains($"Content-Length: {length}\r\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    [ProgramFact("curl")]
    public async Task Healthz_AllListening_IsOk()
    {
        var run = await CurlAsync("/healthz", "-f");
        using var health = JsonDocument.Parse(run.Output);
        Assert.Equal("ok", health.RootElement.GetProperty("status").GetString());
        Assert.Equal(0, run.ExitCode);
    }

    [ProgramFact("curl")]
    public async Task Healthz_RuleRefused_IsDegradedAndNamesIt()
    {
        _sample = SampleEdge.Sample(0, SampleEdge.Rule("web"), SampleEdge.Refused("mail"));
        var run = await CurlAsync("/healthz", "-i");
        Assert.StartsWith("HTTP/1.1 503 ", run.Output, StringComparison.Ordinal);
        using var health = JsonDocument.Parse(run.Output[run.Output.IndexOf('{', StringComparison.Ordinal)..]);
        var refused = Assert.Single(health.RootElement.GetProperty("refused").EnumerateArray());
        Assert.Equal("mail", refused.GetProperty("rule").GetString());
        Assert.Equal("port_in_use", refused.GetProperty("reason").GetString());
    }

    [ProgramFact("curl")]
    public async Task Healthz_LastFlowsFinish_IsStopping()
    {
        var draining = SampleEdge.Rule("web") with { Outcome = new RuleOutcome(RuleId.New(), RuleStanding.Draining) };
        _sample = SampleEdge.Sample(0, draining);
        var stopping = await CurlAsync("/healthz", "-i");
        Assert.StartsWith("HTTP/1.1 503 ", stopping.Output, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"stopping\"", stopping.Output, StringComparison.Ordinal);

        // A removed rule that drains beside one that listens is an ordinary change.
        _sample = SampleEdge.Sample(0, draining, SampleEdge.Rule("mail"));
        Assert.Equal(0, (await CurlAsync("/healthz", "-f")).ExitCode);
    }

    [ProgramFact("curl")]
    public async Task Healthz_TargetsDown_IsNamedButNotDegraded()
    {
        _sample = SampleEdge.Sample(0, SampleEdge.Rule("web") with { Targets = [SampleEdge.Target("a", TargetStanding.Down)] });
        var run = await CurlAsync("/healthz", "-f");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\"failing\":[\"web\"]", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n")]
    [InlineData("POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 405 Method Not Allowed\r\n")]
    [InlineData("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("GET /metrics HTTP/3.0\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported\r\n")]
    public async Task Request_NotServed_IsAnswered(string request, string answer)
    {
        using var peer = await Peer.ConnectAsync(Port);
        await peer.SendAsync(Encoding.ASCII.GetBytes(request));
        peer.EndSending();
        Assert.StartsWith(answer, Encoding.UTF8.GetString(await peer.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_HeadTooLong_IsAnsweredInsteadOfReset()
    {
        using var peer = await Peer.ConnectAsync(Port);
        await peer.SendAsync(Encoding.ASCII.GetBytes("GET /metrics HTTP/1.1\r\nHost: x\r\nA: " + new string('a', 20000)));
        peer.EndSending();
        Assert.StartsWith("HTTP/1.1 431 ", Encoding.UTF8.GetString(await peer.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ByteByByte_IsServed()
    {
        using var peer = await Peer.ConnectAsync(Port);
        foreach (var one in "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray())
        {
            await peer.SendAsync(new[] { one });
        }

        peer.EndSending();
        Assert.StartsWith("HTTP/1.1 200 ", Encoding.UTF8.GetString(await peer.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_PastTheMost_AreClosedAndPlacesComeBack()
    {
        var idle = new List<Peer>();
        for (var i = 0; i < ScrapeListener.MostConnections; i++)
        {
            idle.Add(await Peer.ConnectAsync(Port));
        }

        using (var late = await Peer.ConnectAsync(Port))
        {
            Assert.Empty(await late.ReceiveToEndAsync());
        }

        idle.ForEach(peer => peer.Dispose());
        await Eventually.Holds(() => IsServed("GET /healthz HTTP/1.0\r\n\r\n"u8.ToArray()), "a place is free again");
    }

    [Fact]
    public async Task Connections_RandomBytesAndResets_HurtNobody()
    {
        var random = new Random(7081);
        for (var i = 0; i < 200; i++)
        {
            using var peer = await Peer.ConnectAsync(Port);
            var bytes = new byte[random.Next(1, 9000)];
            random.NextBytes(bytes);
            peer.Socket.Send(bytes);
            peer.Reset();
        }

        await Eventually.Holds(() => IsServed("GET /metrics HTTP/1.0\r\n\r\n"u8.ToArray()), "it still serves");
        Assert.DoesNotContain(_log.All, line => line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Look_ThatThrows_Is500AndLogged()
    {
        _sample = null;
        using (var peer = await Peer.ConnectAsync(Port))
        {
            await peer.SendAsync("GET /metrics HTTP/1.0\r\n\r\n"u8.ToArray());
            Assert.StartsWith("HTTP/1.1 500 ", Encoding.UTF8.GetString(await peer.ReceiveToEndAsync()), StringComparison.Ordinal);
        }

        Assert.Single(_log.All, line => line.Level == LogLevel.Error);
    }

    [Fact]
    public async Task TryStart_AddressTaken_IsOneWarning()
    {
        await using var second = Listener(Port);
        Assert.False(second.TryStart());
        Assert.Single(_log.All, line => line.Level == LogLevel.Warning);
    }

    private ScrapeListener Listener(int port) => new(
        () => _sample ?? throw new InvalidOperationException("no sample"),
        new IPEndPoint(IPAddress.Loopback, port), TimeProvider.System, _log);

    private Task<CommandRun> CurlAsync(string path, params string[] options) =>
        CommandRun.RunAsync("curl", ["-sS", "--noproxy", "*", .. options, $"http://127.0.0.1:{Port}{path}"]);

    private bool IsServed(byte[] request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, Port);
        try
        {
            socket.Send(request);
            return socket.Receive(new byte[16]) == 16;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

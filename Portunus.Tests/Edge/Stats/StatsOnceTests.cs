using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Portunus.Edge.Stats;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats;

public sealed class StatsOnceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    private string SocketPath => _folder.File("edge.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RunAsync_RunningEngine_PrintsWhatItCounts()
    {
        await using var target = LoopbackTarget.Echo();
        await using var engine = new RunningEngine();
        var rule = RunningEngine.Rule("web", target.Port);
        await engine.PutAsync(rule);
        await using var stats = new StatsSocket(
            engine.Engine.Read, SocketPath, TimeSpan.FromMilliseconds(250), TimeProvider.System, NullLogger<StatsSocket>.Instance);
        Assert.True(stats.TryStart());
        using (var peer = await Peer.ConnectAsync((int)(rule.ListenPort ?? 0)))
        {
            await peer.SendAsync(new byte[1000]);
            await peer.ReceiveAsync(1000);
            peer.EndSending();
            await peer.ReceiveToEndAsync();
        }

        await Eventually.Holds(() => engine.Sample("web").Traffic.FlowsActive == 0, "the flow ended");

        Assert.Equal(0, await StatsOnce.RunAsync(SocketPath, _output, _errors, CancellationToken.None));
        using var document = JsonDocument.Parse(_output.ToString());
        var shown = Assert.Single(document.RootElement.GetProperty("rules").EnumerateArray());
        Assert.Equal("web", shown.GetProperty("name").GetString());
        Assert.Equal("listening", shown.GetProperty("state").GetString());
        Assert.Equal("ok", shown.GetProperty("forwarding").GetString());
        Assert.Equal(1000, shown.GetProperty("bytes_in").GetInt64());
        Assert.Equal(1000, shown.GetProperty("bytes_out").GetInt64());
        Assert.Equal(1, shown.GetProperty("ends").GetProperty("completed").GetInt64());
        Assert.Equal("", _errors.ToString());
    }

    [Fact]
    public async Task RunAsync_NobodyServes_SaysSo()
    {
        Assert.Equal(1, await StatsOnce.RunAsync(SocketPath, _output, _errors, CancellationToken.None));
        Assert.Contains("No edge serves stats at", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("", _output.ToString());
    }

    [Fact]
    public async Task RunAsync_PathTooLong_SaysSo()
    {
        Assert.Equal(1, await StatsOnce.RunAsync("/" + new string('x', 200), _output, _errors, CancellationToken.None));
        Assert.Contains("too long", _errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hello\n", "is not an edge")]
    [InlineData("", "without an answer")]
    [InlineData("{\"error\":\"too_many_readers\",\"text\":\"16 readers are connected already\"}\n", "16 readers are connected already.")]
    public async Task RunAsync_OtherAnswers_AreSaid(string answer, string said)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(1);
        var running = StatsOnce.RunAsync(SocketPath, _output, _errors, CancellationToken.None);
        using (var accepted = await Eventually.Within(listener.AcceptAsync()))
        {
            accepted.Send(System.Text.Encoding.UTF8.GetBytes(answer));
        }

        Assert.Equal(1, await Eventually.Within(running));
        Assert.Contains(said, _errors.ToString(), StringComparison.Ordinal);
    }
}

using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Portunus.Edge.Stats;
using Portunus.Shared.Samples;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Edge.Stats;

public sealed class StatsSocketTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TempFolder _folder = new();
    private readonly LogLines<StatsSocket> _log = new();
    private long _looks;

    private string SocketPath => _folder.File("edge.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TryStart_NewSocket_OnlyItsUserMayOpenItAndItsFolder()
    {
        var path = _folder.File("new/deep/edge.sock");
        await using (var stats = Serve(path))
        {
            Assert.True(stats.TryStart());
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(path) ?? ""));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task TryStart_SocketOfADeadProcess_IsReplaced()
    {
        // An abstract way to leave one behind: bound, then renamed, so that closing it does not find its file.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(_folder.File("other.sock")));
            File.Move(_folder.File("other.sock"), SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
        await using var stats = Serve();
        Assert.True(stats.TryStart());
        using var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));
        Assert.NotNull(await ReadAsync(feed));
    }

    [Fact]
    public async Task TryStart_SocketOfALiveProcess_IsLeftAlone()
    {
        await using var first = Serve();
        Assert.True(first.TryStart());
        await using (var second = Serve())
        {
            Assert.False(second.TryStart());
        }

        Assert.Single(_log.All, line => line.Level == LogLevel.Warning);
        using var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));
        Assert.NotNull(await ReadAsync(feed));
    }

    [Fact]
    public async Task TryStart_LiveProcessThatDoesNotAccept_IsLeftAlone()
    {
        using var busy = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        busy.Bind(new UnixDomainSocketEndPoint(SocketPath));
        busy.Listen(0);
        using var waiting = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        waiting.Connect(new UnixDomainSocketEndPoint(SocketPath));

        await using var stats = Serve();
        Assert.False(stats.TryStart());
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public async Task TryStart_FileThatIsNoSocket_IsNeitherRemovedNorFollowed()
    {
        File.WriteAllText(_folder.File("precious"), "kept");
        File.CreateSymbolicLink(SocketPath, _folder.File("precious"));
        await using var linked = Serve();
        Assert.False(linked.TryStart());
        await using var plain = Serve(_folder.File("precious"));
        Assert.False(plain.TryStart());

        Assert.Equal("kept", File.ReadAllText(_folder.File("precious")));
        Assert.Equal(2, _log.All.Count(line => line.Level == LogLevel.Warning));
    }

    [Theory]
    [InlineData("/proc/no/such/edge.sock")]
    [InlineData("/tmp/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890/x")]
    public async Task TryStart_PathThatCannotBe_IsOneWarning(string path)
    {
        await using var stats = Serve(path.StartsWith("/tmp", StringComparison.Ordinal) ? _folder.File(path[5..].Replace('/', '-')) : path);
        Assert.False(stats.TryStart());
        Assert.Equal(LogLevel.Warning, Assert.Single(_log.All).Level);
    }

    [Fact]
    public async Task Reader_Connected_GetsHistoryFirstThenEachLook()
    {
        await using var stats = Serve();
        Assert.True(stats.TryStart());
        using var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));

        using var first = await ReadAsync(feed);
        Assert.True(first.RootElement.GetProperty("rules")[0].TryGetProperty("history", out _));
        var sequence = first.RootElement.GetProperty("sequence").GetInt64();
        for (var i = 0; i < 3; i++)
        {
            using var next = await ReadAsync(feed);
            Assert.False(next.RootElement.GetProperty("rules")[0].TryGetProperty("history", out _));
            Assert.True(next.RootElement.GetProperty("sequence").GetInt64() > sequence);
            sequence = next.RootElement.GetProperty("sequence").GetInt64();
        }
    }

    [Fact]
    public async Task Readers_OneStuckAndManyAtOnce_TheOthersAreServed()
    {
        await using var stats = Serve(wide: true);
        Assert.True(stats.TryStart());
        using var stuck = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stuck.Connect(new UnixDomainSocketEndPoint(SocketPath));

        var feeds = new List<StatsFeed>();
        for (var i = 0; i < StatsSocket.MostReaders - 1; i++)
        {
            feeds.Add(await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None)));
        }

        for (var round = 0; round < 5; round++)
        {
            foreach (var feed in feeds)
            {
                using var line = await ReadAsync(feed);
                Assert.Equal(400, line.RootElement.GetProperty("rules").GetArrayLength());
            }
        }

        var looks = Interlocked.Read(ref _looks);
        await Eventually.Holds(() => Interlocked.Read(ref _looks) > looks + 3, "the edge goes on looking");
        feeds.ForEach(feed => feed.Dispose());
    }

    [Fact]
    public async Task Reader_PastTheMost_IsToldAndTurnedAway()
    {
        await using var stats = Serve();
        Assert.True(stats.TryStart());
        var feeds = new List<StatsFeed>();
        for (var i = 0; i < StatsSocket.MostReaders; i++)
        {
            var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));
            using var line = await ReadAsync(feed);
            feeds.Add(feed);
        }

        using (var late = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None)))
        {
            using var refusal = await ReadAsync(late);
            Assert.Equal("too_many_readers", refusal.RootElement.GetProperty("error").GetString());
            Assert.Null(await Eventually.Within(late.ReadAsync(CancellationToken.None).AsTask()));
        }

        // A place is free again once somebody has gone.
        feeds[0].Dispose();
        await Eventually.Holds(() => IsServed(), "the next reader is served");
        feeds.ForEach(feed => feed.Dispose());
    }

    [Fact]
    public async Task Looks_NobodyWatches_AreRareAndStillMakeTheHistory()
    {
        var clock = new TestClock();
        var start = clock.GetUtcNow();
        await using var stats = new StatsSocket(
            () =>
            {
                var seconds = (clock.GetUtcNow() - start).TotalSeconds;
                Interlocked.Increment(ref _looks);
                return SampleEdge.Sample(seconds, SampleEdge.Rule("web", (long)(seconds * 100)));
            },
            SocketPath, TimeSpan.FromSeconds(1), clock, _log);
        Assert.True(stats.TryStart());
        for (var look = 2; look <= 5; look++)
        {
            // Ticks that come while one is being taken become one, so seconds are counted, not expected.
            var seconds = 0;
            await Eventually.Holds(
                () =>
                {
                    if (Interlocked.Read(ref _looks) >= look)
                    {
                        return true;
                    }

                    clock.Advance(TimeSpan.FromSeconds(1));
                    seconds++;
                    return false;
                },
                "the counters are looked at again");
            Assert.True(seconds >= 5, $"after {seconds} s already");
        }

        using var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));
        using var first = await ReadAsync(feed);
        var series = first.RootElement.GetProperty("rules")[0].GetProperty("history").GetProperty("bytes_per_second_in");
        Assert.InRange(series.GetArrayLength(), 20, 60);
        Assert.All(series.EnumerateArray(), rate => Assert.Equal(100, rate.GetDouble()));
    }

    [Fact]
    public async Task Reader_ThatTakesNothing_IsDroppedAtTheDeadline()
    {
        var clock = new TestClock();
        await using var stats = new StatsSocket(
            () => SampleEdge.Sample(0, [.. Enumerable.Range(0, 2000).Select(i => SampleEdge.Rule($"rule-{i}"))]),
            SocketPath, TimeSpan.FromSeconds(1), clock, _log);
        Assert.True(stats.TryStart());
        using var stuck = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stuck.Connect(new UnixDomainSocketEndPoint(SocketPath));
        await Eventually.Holds(() => stuck.Available > 0, "the first line has begun to come");
        await Eventually.Holds(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return _log.All.Any(line => line.Text.Contains("has taken nothing", StringComparison.Ordinal));
            },
            "the reader is dropped");
    }

    [Fact]
    public async Task Look_ThatThrows_IsLoggedAndTriedAgain()
    {
        await using var stats = new StatsSocket(
            () => Interlocked.Increment(ref _looks) < 3 ? throw new InvalidOperationException("no") : SampleEdge.Sample(_looks),
            SocketPath, TimeSpan.FromMilliseconds(5), TimeProvider.System, _log);
        Assert.True(stats.TryStart());
        using var feed = await Eventually.Within(StatsFeed.OpenAsync(SocketPath, CancellationToken.None));
        using var line = await ReadAsync(feed);
        Assert.Equal(1, line.RootElement.GetProperty("format").GetInt32());
        Assert.Contains(_log.All, entry => entry.Level == LogLevel.Error);
    }

    private StatsSocket Serve(string? path = null, bool wide = false)
    {
        RuleSample[] rules = wide ? [.. Enumerable.Range(0, 400).Select(i => SampleEdge.Rule($"rule-{i}"))] : [SampleEdge.Rule("web")];
        return new StatsSocket(
            () => SampleEdge.Sample(Interlocked.Increment(ref _looks), rules),
            path ?? SocketPath, TimeSpan.FromMilliseconds(20), TimeProvider.System, _log);
    }

    private static async Task<JsonDocument> ReadAsync(StatsFeed feed)
    {
        var line = await Eventually.Within(feed.ReadAsync(CancellationToken.None).AsTask());
        Assert.NotNull(line);
        return JsonDocument.Parse(line);
    }

    private bool IsServed()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
        var buffer = new byte[64];
        var got = socket.Receive(buffer);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, got).Contains("version", StringComparison.Ordinal);
    }
}

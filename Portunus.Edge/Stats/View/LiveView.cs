using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Threading.Channels;

namespace Portunus.Edge.Stats.View;

/// <summary>
/// The live view: keys, snapshots and signals become news in one queue, and one loop turns news into pictures. When the edge
/// goes, the view says so and looks for it again.
/// </summary>
internal sealed class LiveView
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TerminalScreen _screen;
    private readonly TimeProvider _time;
    private readonly ViewHistory _history = new();
    private readonly Channel<News> _news = Channel.CreateBounded<News>(64);
    private ViewState _state = new();
    private ViewSnapshot _newest;
    private ViewSnapshot _shown;
    private DateTimeOffset? _lostAt;

    /// <param name="path">Of the stats socket.</param>
    /// <param name="first">What the edge said first, so that there is something to show at once.</param>
    public LiveView(string path, ViewSnapshot first, TerminalScreen screen, TimeProvider time)
    {
        _path = path;
        _screen = screen;
        _time = time;
        _newest = _shown = first;
        _history.Add(first);
    }

    /// <summary>Until a key or <paramref name="stop"/> ends it.</summary>
    public async Task RunAsync(StatsFeed feed, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _news.Writer.TryWrite(new News()));
        using var continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => _news.Writer.TryWrite(new News(IsRetaken: true)));
        var keys = Task.Factory.StartNew(() => ReadKeys(end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var snapshots = FollowAsync(feed, end.Token);
        try
        {
            await ShowAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Told to stop from outside.
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(keys, snapshots);
        }
    }

    private async Task ShowAsync(CancellationToken stop)
    {
        while (true)
        {
            var (width, height) = TerminalScreen.Size;
            var lost = _lostAt is { } since ? _time.GetUtcNow() - since : (TimeSpan?)null;
            var picture = Picture.Draw(new ViewScene(_state, _shown, _history, lost, width, height));
            _state = _state with { Scroll = picture.Scroll };
            if (!_screen.Show(picture.Lines, width))
            {
                return;
            }

            // One picture for all that has come meanwhile.
            await _news.Reader.WaitToReadAsync(stop);
            while (_news.Reader.TryRead(out var news))
            {
                Take(news);
            }

            if (_state.IsDone)
            {
                return;
            }
        }
    }

    private void Take(News news)
    {
        if (news.IsRetaken)
        {
            _screen.Take();
        }

        if (news.Snapshot is { } snapshot)
        {
            _newest = snapshot;
            _history.Add(snapshot);
            _lostAt = null;
        }

        if (news.IsLost)
        {
            _lostAt ??= _time.GetUtcNow();
        }

        if (news.Key is { } key)
        {
            _state = _state.Press(key, _shown);
        }

        _shown = _state.IsPaused ? _shown : _newest;
    }

    private void ReadKeys(CancellationToken stop)
    {
        var reading = new KeyReading();
        var buffer = new byte[256];
        while (!stop.IsCancellationRequested)
        {
            var got = TerminalScreen.Read(buffer);
            if (got < 0)
            {
                // The terminal has gone, and nobody is left to press a key.
                Tell(new News(Key: new ViewKey(KeyName.Interrupt)), stop);
                return;
            }

            foreach (var key in got == 0 ? reading.Rest() : reading.Feed(buffer.AsSpan(0, got)))
            {
                Tell(new News(Key: key), stop);
            }
        }
    }

    private void Tell(News news, CancellationToken stop)
    {
        while (!_news.Writer.TryWrite(news) && !stop.IsCancellationRequested)
        {
            // Keys come faster than pictures: this thread has nothing else to do than to wait.
            stop.WaitHandle.WaitOne(5);
        }
    }

    private async Task FollowAsync(StatsFeed first, CancellationToken stop)
    {
        await ReadFeedAsync(first, stop);
        while (!stop.IsCancellationRequested)
        {
            await PauseAsync(stop);
            try
            {
                await ReadFeedAsync(await StatsFeed.OpenAsync(_path, stop), stop);
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                // Not back yet.
            }
        }
    }

    private async Task ReadFeedAsync(StatsFeed feed, CancellationToken stop)
    {
        using (feed)
        {
            try
            {
                while (await feed.ReadAsync(stop) is { } line)
                {
                    await _news.Writer.WriteAsync(new News(Snapshot: SnapshotReading.Read(line)), stop);
                }
            }
            catch (Exception error) when (error is IOException or JsonException or OperationCanceledException)
            {
                // Gone, restarting or replaced by something else: all the same to a view, which says so and tries again.
            }
        }
    }

    private async Task PauseAsync(CancellationToken stop)
    {
        try
        {
            await _news.Writer.WriteAsync(new News(IsLost: true), stop);
            await Task.Delay(s_retry, _time, stop);
        }
        catch (OperationCanceledException)
        {
            // The view ends; the loop sees it.
        }
    }

    /// <summary>Something to draw a new picture for; with nothing set, the size has changed.</summary>
    private sealed record News(ViewKey? Key = null, ViewSnapshot? Snapshot = null, bool IsLost = false, bool IsRetaken = false);
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Scrape;

/// <summary>
/// Serves <c>/metrics</c> for Prometheus and <c>/healthz</c> for whoever restarts things: two read-only pages over HTTP/1.1
/// on ordinary sockets, because a whole web server would cost an edge more memory than its flows.
/// </summary>
internal sealed class ScrapeListener : IAsyncDisposable
{
    /// <summary>Connections at one time; one more is closed at once.</summary>
    public const int MostConnections = 32;

    private const string MetricsType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromSeconds(1);

    private readonly Func<EdgeSample> _read;
    private readonly IPEndPoint _listen;
    private readonly TimeProvider _time;
    private readonly ILogger<ScrapeListener> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _connections = [];
    private Socket? _listener;
    private Task _work = Task.CompletedTask;

    /// <param name="read">One look at the counters; called from any thread.</param>
    /// <param name="listen">Where; port 0 takes a free one.</param>
    public ScrapeListener(Func<EdgeSample> read, IPEndPoint listen, TimeProvider time, ILogger<ScrapeListener> log)
    {
        _read = read;
        _listen = listen;
        _time = time;
        _log = log;
    }

    /// <summary>Where it listens; null before the start.</summary>
    public IPEndPoint? Address => _listener?.LocalEndPoint as IPEndPoint;

    /// <summary>Starts serving; false after one warning where the address cannot be had, which an edge can live with.</summary>
    public bool TryStart()
    {
        var socket = new Socket(_listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(_listen);
            socket.Listen(MostConnections);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            _log.MetricsRefused(_listen, error.Message);
            return false;
        }

        _listener = socket;
        _work = AcceptAsync(socket);
        _log.MetricsServed(Address ?? _listen);
        return true;
    }

    /// <summary>Stops listening and ends what is open.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        await _work;
        Task[] last;
        lock (_gate)
        {
            last = [.. _connections];
        }

        await Task.WhenAll(last);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Welcome(await listener.AcceptAsync(_stop.Token));
            }
            catch (SocketException error) when (!_stop.IsCancellationRequested)
            {
                _log.AcceptFailed(error.Message);
                await PauseAsync();
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(s_acceptPause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposed while waiting; the loop sees it.
        }
    }

    private void Welcome(Socket socket)
    {
        lock (_gate)
        {
            if (_connections.Count >= MostConnections)
            {
                socket.Dispose();
                return;
            }

            var serving = ServeAsync(socket);
            _connections.Add(serving);
            _ = serving.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Forget(Task served)
    {
        lock (_gate)
        {
            _connections.Remove(served);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var connection = new ScrapeConnection(socket, _time);
        await Task.Yield();
        await connection.ServeAsync(Answer, _stop.Token);
    }

    private ScrapeAnswer Answer(ScrapeRequest request)
    {
        if (request.Path is not ("/metrics" or "/healthz"))
        {
            return ScrapeAnswer.Of(404);
        }

        if (request.Method is not ("GET" or "HEAD"))
        {
            return ScrapeAnswer.Of(405);
        }

        try
        {
            var sample = _read();
            return request.Path == "/metrics"
                ? new ScrapeAnswer(200, MetricsType, Encoding.UTF8.GetBytes(MetricText.Write(sample)))
                : new ScrapeAnswer(HealthText.Status(sample) == HealthText.Ok ? 200 : 503, "application/json", HealthText.Write(sample));
        }
        catch (Exception error)
        {
            _log.RequestFailed(error, request.Path);
            return ScrapeAnswer.Of(500);
        }
    }
}

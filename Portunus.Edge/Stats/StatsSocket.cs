using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Portunus.Edge.Native;
using Portunus.Shared.Samples;

namespace Portunus.Edge.Stats;

/// <summary>
/// Serves what the edge counts to readers on the same machine: JSON documents, one a line, over a unix socket that only the
/// edge's own user may open. One way: what a reader sends is never read.
/// </summary>
internal sealed class StatsSocket : IAsyncDisposable
{
    /// <summary>Readers at one time.</summary>
    public const int MostReaders = 16;

    private static readonly TimeSpan s_acceptPause = TimeSpan.FromSeconds(1);

    // A look makes garbage, and an edge that nobody watches should make as little as it can.
    private static readonly TimeSpan s_unwatched = TimeSpan.FromSeconds(5);

    private readonly Func<EdgeSample> _read;
    private readonly string _path;
    private readonly TimeSpan _refresh;
    private readonly TimeProvider _time;
    private readonly ILogger<StatsSocket> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly StatsHistory _history;
    private readonly Dictionary<StatsReader, Task> _readers = [];
    private Socket? _listener;
    private Task _work = Task.CompletedTask;

    /// <param name="read">One look at the counters; called from any thread, once at a time.</param>
    /// <param name="path">Of the socket, at most 107 bytes (unix(7)).</param>
    /// <param name="refresh">Time between two lines.</param>
    public StatsSocket(Func<EdgeSample> read, string path, TimeSpan refresh, TimeProvider time, ILogger<StatsSocket> log)
    {
        _read = read;
        _path = path;
        _refresh = refresh;
        _time = time;
        _log = log;
        _history = new StatsHistory(refresh);
    }

    /// <summary>Starts serving; false after one warning where the socket cannot be made, which an edge can live with.</summary>
    public bool TryStart()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            MakeFolder();
            RemoveStale();

            // The socket's own mode becomes the file's at bind (unix(7) says nothing, net/unix/af_unix.c does it): there is no
            // moment at which another user could connect, and no process-wide umask to change and put back.
            using (var handle = new SafeFileHandle(socket.Handle, ownsHandle: false))
            {
                File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Bind(new UnixDomainSocketEndPoint(_path));
            socket.Listen(MostReaders);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            _log.StatsRefused(_path, error.Message);
            return false;
        }

        _listener = socket;
        _work = Task.WhenAll(AcceptAsync(socket), SampleAsync());
        _log.StatsServed(_path);
        return true;
    }

    /// <summary>Ends all readers and removes the socket's file.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // .NET removes the file of a socket that it bound.
        _listener?.Dispose();
        await _work;
        Task[] last;
        lock (_gate)
        {
            last = [.. _readers.Values];
        }

        await Task.WhenAll(last);
        _stop.Dispose();
    }

    private void MakeFolder()
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(_path));
        if (folder is not null && !Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Removes the socket that a dead process left; throws <see cref="IOException"/> where the path is somebody's.</summary>
    private void RemoveStale()
    {
        switch (FileCalls.KindOf(_path))
        {
            case FileKind.Absent:
                return;
            case FileKind.Other:
                throw new IOException("something that is not a socket is there already");
        }

        // Not blocking: connect waits where the backlog of a live but stuck process is full (unix(7)).
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(_path));
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(_path);
            return;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.WouldBlock)
        {
            // Somebody is there and busy.
        }

        throw new IOException("another process serves there");
    }

    private async Task SampleAsync()
    {
        using var timer = new PeriodicTimer(_refresh, _time);
        var rarely = Math.Max(1, (int)(s_unwatched / _refresh));
        try
        {
            for (var turn = 0; turn == 0 || await timer.WaitForNextTickAsync(_stop.Token); turn = (turn % rarely) + 1)
            {
                Look(isDue: turn is 0 || turn == rarely);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    /// <summary>One look for every reader and for the history; without readers only where the history is due one.</summary>
    private void Look(bool isDue)
    {
        lock (_gate)
        {
            if ((_readers.Count == 0 && !isDue) || TryRead() is not { } sample)
            {
                return;
            }

            _history.Add(sample);
            if (_readers.Count == 0)
            {
                return;
            }

            var line = StatsJson.Write(sample, _history, withHistory: false);
            foreach (var reader in _readers.Keys)
            {
                reader.Offer(line);
            }
        }
    }

    private EdgeSample? TryRead()
    {
        try
        {
            return _read();
        }
        catch (Exception error)
        {
            // Whatever it is, stats are no reason to end a process that forwards.
            _log.LookFailed(error);
            return null;
        }
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
                // Out of descriptors, in all likelihood: the readers can wait, the flows cannot.
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

    /// <summary>The first line is made for this reader alone: the counters as they are now, with the last minute's rates.</summary>
    private void Welcome(Socket socket)
    {
        lock (_gate)
        {
            if (_readers.Count >= MostReaders)
            {
                TurnAway(socket);
                return;
            }

            byte[]? first = null;
            if (TryRead() is { } sample)
            {
                _history.Add(sample);
                first = StatsJson.Write(sample, _history, withHistory: true);
            }

            var reader = new StatsReader(socket, first, _time, _log);
            _readers[reader] = ServeAsync(reader);
        }
    }

    private void TurnAway(Socket socket)
    {
        _log.ReaderTurnedAway(MostReaders);
        using (socket)
        {
            try
            {
                // Into the empty buffer of a new connection: this does not wait.
                _ = socket.Send([.. StatsJson.WriteRefusal("too_many_readers", $"{MostReaders} readers are connected already"), (byte)'\n']);
            }
            catch (SocketException)
            {
                // Gone before it was told.
            }
        }
    }

    private async Task ServeAsync(StatsReader reader)
    {
        // Off the accepting thread, which holds the gate.
        await Task.Yield();
        await reader.ServeAsync(_stop.Token);
        reader.Dispose();
        lock (_gate)
        {
            _readers.Remove(reader);
        }
    }
}

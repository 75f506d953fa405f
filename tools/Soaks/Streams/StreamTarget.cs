using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Portunus.Soaks.Streams;

/// <summary>A target that serves checked streams, and that can go away, stall, reset what it has, and come back.</summary>
internal sealed class StreamTarget : IAsyncDisposable
{
    private readonly StreamBook _book;
    private readonly ConcurrentDictionary<Socket, Task> _live = new();
    private readonly CancellationTokenSource _cut = new();
    private TaskCompletionSource _mayRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    public StreamTarget(string name, IPEndPoint place, StreamBook book)
    {
        (Name, Place, _book) = (name, place, book);
        _mayRead.SetResult();
        Listen();
    }

    public string Name { get; }

    public IPEndPoint Place { get; }

    public int Live => _live.Count;

    /// <summary>Listens again after <see cref="RefuseAsync"/>.</summary>
    public void Listen()
    {
        if (_listener is not null)
        {
            return;
        }

        var listener = new Socket(Place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(Place);
        listener.Listen(4096);
        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    /// <summary>From now on connections are refused; those that are there go on.</summary>
    public async Task RefuseAsync()
    {
        _listener?.Dispose();
        _listener = null;
        await _accepting;
    }

    /// <summary>Resets every connection it has.</summary>
    public void Reset()
    {
        foreach (var socket in _live.Keys)
        {
            socket.Close(0);
        }
    }

    /// <summary>New streams are taken but neither read nor answered until <see cref="Resume"/>.</summary>
    public void Stall()
    {
        if (_mayRead.Task.IsCompleted)
        {
            _mayRead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Resume() => _mayRead.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _cut.CancelAsync();
        await RefuseAsync();
        Resume();
        Reset();
        await Task.WhenAll(_live.Values);
        _cut.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync(_cut.Token);
                socket.NoDelay = true;
                var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _live[socket] = served.Task;
                _ = ServeAsync(socket, served);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // Gone before it was taken.
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket, TaskCompletionSource served)
    {
        try
        {
            // A stream that is not in the book has broken off at its other end already.
            if (await CheckedStream.ReadHeaderAsync(socket, Name, _book.Findings, _cut.Token) is { } seed && _book.Find(seed) is { } stream)
            {
                await stream.ServeAsync(socket, Name, _mayRead.Task, _cut.Token);
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer went away before it said which stream it is.
        }
        finally
        {
            socket.Dispose();
            _live.TryRemove(socket, out _);
            served.SetResult();
        }
    }
}

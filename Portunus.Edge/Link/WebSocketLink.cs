using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Portunus.Edge.Link;

/// <summary>
/// A WebSocket as the hub's protocol wants to have a connection: bytes in, bytes out. A message is handed on whole, since its reader
/// looks for the end of it from the beginning each time that more is there.
/// </summary>
internal sealed class WebSocketLink : ConnectionContext, IDuplexPipe
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly WebSocket _socket;
    private readonly HttpMessageInvoker _owned;
    private readonly Pipe _incoming = new(new PipeOptions(useSynchronizationContext: false));
    private readonly Pipe _outgoing = new(new PipeOptions(useSynchronizationContext: false));
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly Task _receiving;
    private readonly Task _sending;
    private int _isDisposed;

    /// <param name="socket">Open; belongs to the link from now on.</param>
    /// <param name="owned">What the socket was opened by; disposed with it.</param>
    public WebSocketLink(WebSocket socket, HttpMessageInvoker owned)
    {
        _socket = socket;
        _owned = owned;
        ConnectionClosed = _ended.Token;
        _receiving = ReceiveAsync();
        _sending = SendAsync();
    }

    public override string ConnectionId { get; set; } = "";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException("the link is its own transport");
    }

    PipeReader IDuplexPipe.Input => _incoming.Reader;

    PipeWriter IDuplexPipe.Output => _outgoing.Writer;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Volatile.Read(ref _isDisposed) == 0)
        {
            _cut.Cancel();
        }
    }

    /// <summary>Says goodbye, within two seconds, and lets go of everything.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            await CloseAsync();
        }

        await base.DisposeAsync();
    }

    private async Task CloseAsync()
    {
        await _outgoing.Writer.CompleteAsync();
        await _incoming.Reader.CompleteAsync();
        // A server that no longer reads, or never answers the goodbye, is not waited for any longer.
        _cut.CancelAfter(s_farewell);
        await _sending;
        await _receiving;
        _socket.Dispose();
        _owned.Dispose();
        _cut.Dispose();
        _ended.Dispose();
    }

    private async Task ReceiveAsync()
    {
        Exception? why = null;
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(_incoming.Writer.GetMemory(4096), _cut.Token);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                _incoming.Writer.Advance(received.Count);
                if (received.EndOfMessage && (await _incoming.Writer.FlushAsync(_cut.Token)).IsCompleted && _isDisposed == 0)
                {
                    break;
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            why = new IOException("the link was cut", error);
        }

        await _incoming.Writer.CompleteAsync(why);
        await _ended.CancelAsync();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _outgoing.Reader.ReadAsync(_cut.Token);
                await SendAsync(read.Buffer);
                _outgoing.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }
            }

            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, _cut.Token);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The receiving half is told by the socket itself, and whoever writes by the end of the pipe.
            _socket.Abort();
        }

        await _outgoing.Reader.CompleteAsync();
    }

    private async Task SendAsync(ReadOnlySequence<byte> bytes)
    {
        var left = bytes.Length;
        foreach (var segment in bytes)
        {
            left -= segment.Length;
            if (segment.Length > 0)
            {
                await _socket.SendAsync(segment, WebSocketMessageType.Text, endOfMessage: left == 0, _cut.Token);
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Portunus.Soaks.Datagrams;

/// <summary>Answers every move it understands.</summary>
internal sealed class GameServer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _serving;
    private long _moves;
    private long _strange;

    public GameServer(IPEndPoint place)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 1 << 20 };
        _socket.Bind(place);
        _serving = ServeAsync();
    }

    /// <summary>Datagrams that came.</summary>
    public long Moves => Interlocked.Read(ref _moves);

    /// <summary>Of them such as no player made.</summary>
    public long Strange => Interlocked.Read(ref _strange);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _serving;
        _socket.Dispose();
        _over.Dispose();
    }

    private async Task ServeAsync()
    {
        var (move, answer) = (new byte[GameMessage.Most + 1], new byte[GameMessage.Most]);
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveFromAsync(move, SocketFlags.None, from, _over.Token);
                Interlocked.Increment(ref _moves);
                if (GameMessage.Answer(move.AsSpan(0, length), answer) is { } size)
                {
                    _socket.SendTo(answer.AsSpan(0, size), SocketFlags.None, from);
                }
                else
                {
                    Interlocked.Increment(ref _strange);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}

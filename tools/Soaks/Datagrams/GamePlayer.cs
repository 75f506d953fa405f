using System.Net;
using System.Net.Sockets;
using Portunus.Soaks.Streams;

namespace Portunus.Soaks.Datagrams;

/// <summary>
/// A player who moves twenty times a second for a while, leaves, and comes back as somebody else from another port: so flows
/// end by silence and begin anew all the time.
/// </summary>
internal sealed class GamePlayer(IPEndPoint place, ulong seed, AnswerTally tally)
{
    private static readonly TimeSpan s_move = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private const int ShortestStay = 40;
    private const int LongestStay = 600;

    /// <summary>Plays until it is over, and then waits for the last answers.</summary>
    public async Task PlayAsync(CancellationToken over, CancellationToken cut)
    {
        for (var life = 0UL; !over.IsCancellationRequested; life++)
        {
            var player = Pattern.Mix(seed + life);
            var moves = ShortestStay + (int)(player % (LongestStay - ShortestStay));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
            await socket.ConnectAsync(place, cut);
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(cut);
            var waiting = new HashSet<long>();
            var hearing = HearAsync(socket, player, waiting, gone.Token);
            await MoveAsync(socket, player, moves, waiting, over, cut);
            await LastAnswersAsync(waiting, cut);
            await gone.CancelAsync();
            await hearing;
        }
    }

    private async Task MoveAsync(Socket socket, ulong player, int moves, HashSet<long> waiting, CancellationToken over, CancellationToken cut)
    {
        var bytes = new byte[GameMessage.Most];
        using var tick = new PeriodicTimer(s_move);
        for (var number = 0L; number < moves && !over.IsCancellationRequested; number++)
        {
            var length = GameMessage.Move(bytes, player, number);
            lock (waiting)
            {
                waiting.Add(number);
            }

            tally.Ask();
            socket.Send(bytes.AsSpan(0, length));
            await tick.WaitForNextTickAsync(cut);
        }
    }

    private async Task HearAsync(Socket socket, ulong player, HashSet<long> waiting, CancellationToken gone)
    {
        var bytes = new byte[GameMessage.Most + 1];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(bytes, gone);
                var number = GameMessage.Answered(bytes.AsSpan(0, length), player);
                bool isAwaited;
                lock (waiting)
                {
                    isAwaited = number is { } known && waiting.Remove(known);
                }

                if (isAwaited)
                {
                    tally.Answer();
                }
                else
                {
                    tally.Err();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The player has left.
        }
    }

    private static async Task LastAnswersAsync(HashSet<long> waiting, CancellationToken cut)
    {
        using var look = new PeriodicTimer(s_move);
        for (var waited = TimeSpan.Zero; waited < s_patience; waited += s_move)
        {
            lock (waiting)
            {
                if (waiting.Count == 0)
                {
                    return;
                }
            }

            await look.WaitForNextTickAsync(cut);
        }
    }
}

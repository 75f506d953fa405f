using System.Net;
using System.Net.Sockets;
using Portunus.Soaks.Datagrams;
using Portunus.Soaks.Edges;
using Portunus.Soaks.Verdicts;
using Portunus.Tests.Kit;

namespace Portunus.Tests.Tools.Soaks;

/// <summary>The traffic of the UDP soak without an edge: it finds nothing where nothing is wrong, and what is wrong otherwise.</summary>
public sealed class DatagramTrafficTests
{
    private static readonly IPAddress s_address = IPAddress.Parse("127.77.0.1");

    [Fact]
    public void GameMessage_AnswerToAMove_IsKnownByItsPlayerAlone()
    {
        var (move, answer) = (new byte[GameMessage.Most], new byte[GameMessage.Most]);
        for (var number = 0L; number < 500; number++)
        {
            var moved = GameMessage.Move(move, 17, number);
            var answered = GameMessage.Answer(move.AsSpan(0, moved), answer)!.Value;

            Assert.Equal(number, GameMessage.Answered(answer.AsSpan(0, answered), 17));
            Assert.Null(GameMessage.Answered(answer.AsSpan(0, answered), 18));
        }
    }

    [Fact]
    public void GameMessage_DamagedOrCut_IsNone()
    {
        var (move, answer) = (new byte[GameMessage.Most], new byte[GameMessage.Most]);
        var moved = GameMessage.Move(move, 17, 3);
        var answered = GameMessage.Answer(move.AsSpan(0, moved), answer)!.Value;
        move[20] ^= 1;
        answer[answered - 1] ^= 1;

        Assert.Null(GameMessage.Answer(move.AsSpan(0, moved), answer));
        Assert.Null(GameMessage.Answer(move.AsSpan(0, 8), answer));
        Assert.Null(GameMessage.Answered(answer.AsSpan(0, answered), 17));
    }

    [Fact]
    public async Task GamePlayer_AtTheServer_HasEveryAnswer()
    {
        var place = new IPEndPoint(s_address, FreePorts.Take());
        await using var server = new GameServer(place);
        var tally = new AnswerTally();

        await PlayAsync(place, tally, () => tally.Answered >= 10);

        Assert.Equal((0, 0, tally.Asked, 0), (tally.Lost, tally.Wrong, server.Moves, server.Strange));
    }

    [Fact]
    public async Task GamePlayer_AnswersOfAnotherAndNoneAtAll_AreWrongAndLost()
    {
        var place = new IPEndPoint(s_address, FreePorts.Take());
        using var relay = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        relay.Bind(place);
        using var over = new CancellationTokenSource();
        var answering = Task.Run(async () =>
        {
            var (move, answer) = (new byte[2000], new byte[2000]);
            while (true)
            {
                var from = await relay.ReceiveFromAsync(move, new IPEndPoint(IPAddress.Any, 0), over.Token);
                GameMessage.Move(move, 4711, 1);
                relay.SendTo(answer.AsSpan(0, GameMessage.Answer(move.AsSpan(0, 240), answer) ?? 60), from.RemoteEndPoint);
            }
        });
        var tally = new AnswerTally();

        await PlayAsync(place, tally, () => tally.Wrong >= 3);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);

        Assert.Equal(tally.Asked, tally.Lost);
    }

    [ProgramFact("dnsmasq", "dig")]
    public async Task DnsQuestions_AtTheServer_AreAnswered()
    {
        var place = new IPEndPoint(s_address, FreePorts.Take());
        await using var server = DnsQuestions.StartServer(place);
        var ready = new AnswerTally();
        await Eventually.Holds(() => DnsQuestions.AskAsync(place, 1, ready, CancellationToken.None).GetAwaiter().GetResult(), "dnsmasq answers");
        var (tally, findings) = (new AnswerTally(), new Findings());
        var questions = new DnsQuestions(place, tally, findings);
        using var over = new CancellationTokenSource();

        Task[] asking = [questions.AskAsync(over.Token, CancellationToken.None), questions.DigAsync(over.Token, CancellationToken.None)];
        await Eventually.Holds(() => tally.Answered >= 3 && questions.Digs >= 1, "questions are answered");
        await over.CancelAsync();
        await Eventually.Within(Task.WhenAll(asking));

        Assert.Equal((0, 0, 0), (tally.Lost, tally.Wrong, findings.Count));
    }

    [ProgramFact("iperf3")]
    public async Task IperfDatagrams_AtTheServer_CountsBothWays()
    {
        var place = new IPEndPoint(s_address, FreePorts.Take());
        await using var server = IperfDatagrams.StartServer(place);
        await Eventually.Holds(() => server.Last.Length > 0, "iperf3 listens");
        var findings = new Findings();
        var bulk = new IperfDatagrams(place, findings);
        using var over = new CancellationTokenSource();

        var running = bulk.RunAsync(4, over.Token, CancellationToken.None);
        await Eventually.Holds(() => bulk.Turns >= 2, "both ways were taken");
        await over.CancelAsync();
        await Eventually.Within(running);

        Assert.Equal(0, findings.Count);
        Assert.True(bulk.Sent > 0);
    }

    [Fact]
    public void EdgeLook_RuleWithDrops_IsReadBothWays()
    {
        const string Document = """
            {"edge":{"uptime_seconds":1.5,"loops":2,"flows_active":1,"collections":0},"rules":[{"name":"a","protocol":"udp","state":"listening",
            "accepted":3,"flows_active":1,"bytes_in":10,"bytes_out":20,"datagrams_in":5,"datagrams_out":6,"ends":{"idle":2},
            "drops_in":{"over_cap":4},"drops_out":{"bandwidth":2}}]}
            """;

        var rule = EdgeLook.Parse(Document)!.Rules["a"];

        Assert.Equal((5, 6, 6, "drops in over_cap 4, out bandwidth 2"), (rule.DatagramsIn, rule.DatagramsOut, rule.Dropped, rule.DropsText));
    }

    private static async Task PlayAsync(IPEndPoint place, AnswerTally tally, Func<bool> until)
    {
        using var over = new CancellationTokenSource();
        var playing = new GamePlayer(place, 99, tally).PlayAsync(over.Token, CancellationToken.None);
        await Eventually.Holds(until, "the player moves");
        await over.CancelAsync();
        await Eventually.Within(playing);
    }
}

using System.Net.Sockets;

namespace Portunus.Tests.Kit;

/// <summary>
/// Connections and datagrams through one edge to targets that send everything back. Every byte is compared, every datagram is numbered
/// and has to come back; targets and senders count what the ledger is to hold.
/// </summary>
internal sealed class CheckedTraffic : IAsyncDisposable
{
    private const int Streams = 3;
    private const int Burst = 16;

    /// <summary>Between one round and the next: there is to be traffic at every moment, and time left for others.</summary>
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly LinkedProcesses _both;
    private readonly LoopbackTarget _target;
    private readonly DatagramTarget _datagramTarget;
    private readonly List<Task> _running = [];
    private long _bytesIn;
    private long _bytesOut;
    private long _datagrams;
    private long _rounds;

    private CheckedTraffic(LinkedProcesses both)
    {
        _both = both;
        _target = both.OnEdge(() => new LoopbackTarget(EchoAsync));
        _datagramTarget = both.OnEdge(() => DatagramTarget.Echo());
    }

    /// <summary>Of the rule for connections.</summary>
    public string Rule { get; private set; } = "";

    /// <summary>Of the rule for datagrams.</summary>
    public string DatagramRule { get; private set; } = "";

    /// <summary>Makes the two rules and begins.</summary>
    public static async Task<CheckedTraffic> StartAsync(LinkedProcesses both)
    {
        var traffic = new CheckedTraffic(both);
        var (port, datagramPort) = (FreePorts.Take(), FreePorts.Take());
        traffic.Rule = await MadeAsync(both.CreateAsync(port, traffic._target.Port));
        traffic.DatagramRule = await MadeAsync(both.CreateAsync(datagramPort, traffic._datagramTarget.Port, protocol: "udp"));
        for (var number = 0; number < Streams; number++)
        {
            traffic._running.Add(traffic.StreamAsync(await both.OnEdge(() => Peer.ConnectAsync(port)), number));
        }

        traffic._running.Add(traffic.DatagramsAsync(both.OnEdge(() => new DatagramPeer(datagramPort))));
        return traffic;
    }

    /// <summary>Waits until more of it has passed, and fails if any of it has failed.</summary>
    public async Task FlowsAsync()
    {
        var until = Interlocked.Read(ref _rounds) + 50;
        await Eventually.Holds(() => Interlocked.Read(ref _rounds) >= until || _running.Exists(one => one.IsCompleted), "traffic passes");
        if (_running.Find(one => one.IsCompleted) is { } ended)
        {
            await ended;
            Assert.Fail("the traffic has ended");
        }
    }

    /// <summary>Ends it; the ledger then comes to what targets and senders received, to the byte and to the datagram.</summary>
    public async Task EndsInTheLedgerAsync()
    {
        await _stop.CancelAsync();
        await Eventually.Within(Task.WhenAll(_running));
        var expected = (_bytesIn, _bytesOut, (long)_datagramTarget.Count, _datagrams, 0L, 0L);
        Assert.Equal(_datagramTarget.Count, _datagrams);
        await Eventually.Equals(expected, Ledger, "the ledger holds what was received");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _target.DisposeAsync();
        await _datagramTarget.DisposeAsync();
        _stop.Dispose();
    }

    private static async Task<string> MadeAsync(Task<WebAnswer> making)
    {
        var made = await making;
        Assert.True(made.Status == 201, made.Text);
        return made["id"];
    }

    private (long BytesIn, long BytesOut, long DatagramsIn, long DatagramsOut, long DropsIn, long DropsOut) Ledger()
    {
        var (streams, datagrams) = (_both.Ledger(Rule), _both.Ledger(DatagramRule));
        return (streams.BytesIn, streams.BytesOut, datagrams.DatagramsIn, datagrams.DatagramsOut, datagrams.DropsIn, datagrams.DropsOut);
    }

    private async Task StreamAsync(Peer peer, int seed)
    {
        using var mine = peer;
        var random = new Random(seed);
        using var pace = new PeriodicTimer(s_pace);
        while (!_stop.IsCancellationRequested)
        {
            var block = new byte[random.Next(1, 200_000)];
            random.NextBytes(block);
            var sending = peer.SendAsync(block);
            var back = await peer.ReceiveAsync(block.Length);
            await sending;
            Assert.True(block.AsSpan().SequenceEqual(back), "other bytes came back than were sent");
            Interlocked.Add(ref _bytesOut, back.Length);
            Interlocked.Increment(ref _rounds);
            await pace.WaitForNextTickAsync();
        }

        peer.EndSending();
        Assert.Empty(await peer.ReceiveToEndAsync());
    }

    private async Task DatagramsAsync(DatagramPeer peer)
    {
        using var mine = peer;
        using var pace = new PeriodicTimer(s_pace);
        while (!_stop.IsCancellationRequested)
        {
            var waiting = new HashSet<long>();
            for (var number = _datagrams; number < _datagrams + Burst; number++)
            {
                peer.Send(BitConverter.GetBytes(number));
                waiting.Add(number);
            }

            while (waiting.Count > 0)
            {
                Assert.True(waiting.Remove(BitConverter.ToInt64((await peer.ReceiveAsync()).Payload)), "a datagram came back twice or was never sent");
                _datagrams++;
            }

            Interlocked.Increment(ref _rounds);
            await pace.WaitForNextTickAsync();
        }
    }

    private async Task EchoAsync(Peer peer)
    {
        var buffer = new byte[65536];
        while (await peer.Socket.ReceiveAsync(buffer, SocketFlags.None) is > 0 and var received)
        {
            Interlocked.Add(ref _bytesIn, received);
            await peer.SendAsync(buffer.AsMemory(0, received));
        }

        peer.EndSending();
    }
}
